/** One thing to wait for. A list of them, in order, says how something becomes ready. */
export interface Requirement<T = unknown> {
  /** What is being waited for, as a person would say it: `the SSH banner on 127.0.0.1:40123`. */
  readonly name: string;
  /** Looks once. `undefined` means: not yet. A throw ends the wait at once. */
  readonly probe: (signal: AbortSignal) => Promise<T | undefined>;
  readonly timeoutMilliseconds: number;
  /** What to look at when the time is over. */
  readonly hint: string;
  /** The pause between two looks. Default 20 ms: a look costs less, and a launch is not kept waiting. */
  readonly everyMilliseconds?: number;
}
