const mask = '***';

/** Replaces every occurrence of every secret. Empty strings are not secrets. */
export function redact(text: string, secrets: readonly string[]): string {
  // The longest first: where one secret begins another, the other's end would be left in sight.
  const longestFirst = secrets.filter((secret) => secret !== '').sort((a, b) => b.length - a.length);
  return longestFirst.reduce((out, secret) => out.replaceAll(secret, () => mask), text);
}

/** A command as one line for messages: quoted where a shell would need it, secrets masked (before quoting, which changes them). */
export function formatCommand(command: string, args: readonly string[], secrets: readonly string[] = []): string {
  return [command, ...args].map((word) => quoteForReading(redact(word, secrets))).join(' ');
}

function quoteForReading(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
