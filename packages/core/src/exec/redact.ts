const mask = '***';

/** Replaces every occurrence of every secret. Empty strings are not secrets. */
export function redact(text: string, secrets: readonly string[]): string {
  return secrets.reduce((out, secret) => (secret === '' ? out : out.replaceAll(secret, mask)), text);
}

/** A command as one line for messages: quoted where a shell would need it, secrets masked. */
export function formatCommand(command: string, args: readonly string[], secrets: readonly string[] = []): string {
  return redact([command, ...args].map(quoteForReading).join(' '), secrets);
}

function quoteForReading(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
