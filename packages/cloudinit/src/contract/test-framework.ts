/** The part of a test framework that the contract uses, so that this package depends on none. */
export interface TestFramework {
  readonly describe: (name: string, body: () => void) => unknown;
  readonly it: (name: string, body: () => void | Promise<void>) => unknown;
  readonly expect: (value: unknown) => Expectation;
}

export interface Expectation {
  toBe(expected: unknown): unknown;
  toEqual(expected: unknown): unknown;
  toMatch(expected: RegExp): unknown;
  toMatchObject(expected: object): unknown;
  toContain(expected: unknown): unknown;
  readonly not: Omit<Expectation, 'not'>;
}
