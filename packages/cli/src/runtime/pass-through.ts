const verbs = ['run', 'agent', 'start-clone-agent', '6-start-clone-agent'];

/** Whether these words start a command of a guest, whose stdout and exit code are passed through. */
export function isPassThrough(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  const words = end < 0 ? argv : argv.slice(0, end);
  // The one global option that takes a value, and may stand before the verb.
  const verb = words.find((word, index) => !word.startsWith('-') && words[index - 1] !== '--progress');
  return verbs.includes(verb ?? '');
}

/** The same for `--json`: what stands behind `--` is the guest's. */
export function asksForJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return (end < 0 ? argv : argv.slice(0, end)).includes('--json');
}
