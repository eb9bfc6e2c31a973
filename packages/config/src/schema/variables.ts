/** What `{{name}}` may stand for in a config. */
export interface Variables {
  /** The master's hostname. */
  readonly hostname: string;
  readonly config: string;
  readonly user: string;
}

const names: readonly string[] = ['hostname', 'config', 'user'] satisfies (keyof Variables)[];
const variable = /\{\{([^{}]*)\}\}/g;

/** The variables that a text uses and katavm does not know. */
export function unknownVariables(text: string): string[] {
  return [...text.matchAll(variable)].map((match) => match[1] ?? '').filter((name) => !names.includes(name));
}

/** Fills in the known variables. Others stay as they are: `docker ps --format '{{.Names}}'` is a command's own business. */
export function fillIn(text: string, variables: Variables): string {
  return text.replace(variable, (whole, name: string) => (names.includes(name) ? variables[name as keyof Variables] : whole));
}
