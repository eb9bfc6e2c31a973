/** One word for virsh's own command parser, which reads single quotes as a shell does. */
function quoteWord(word: string): string {
  // virsh's line editor (readline) would act on control characters, and on bytes above 127 under LC_ALL=C. katavm's words
  // are names, UUIDs and paths of its own, which hold neither: anything else is a defect of katavm.
  if (!/^[\x20-\x7e]*$/.test(word)) throw new Error(`not a word for virsh: ${JSON.stringify(word)}`);
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A command line for virsh. Its first word, the command, and options (`--name`) are written bare, as virsh wants them. */
export function commandLine(words: readonly string[]): string {
  return words.map((word, index) => (index === 0 || /^--[a-z-]*$/.test(word) ? word : quoteWord(word))).join(' ');
}
