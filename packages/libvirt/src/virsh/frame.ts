import { commandLine } from './quote.js';

/**
 * How one command's outputs are told from those of its neighbours on the streams of an interactive virsh.
 *
 * virsh echoes what it reads and prints a prompt, so its output is taken from between two marks on stdout. A last mark
 * comes on both streams from a line of its own, since virsh rejects a whole line at the first word that it cannot parse.
 * Each mark is written with a quote in the middle: the echo of the line then never looks like the mark itself.
 */
export class Frame {
  readonly request: string;
  readonly #begin: string;
  readonly #end: string;
  readonly #done: string;

  constructor(words: readonly string[], token: string) {
    this.#begin = `${token}-begin.`;
    this.#end = `${token}-end.`;
    this.#done = `${token}-done.`;
    const mark = (text: string) => `${text.slice(0, 1)}'${text.slice(1)}'`;
    const first = `echo ${mark(this.#begin)}; ${commandLine(words)}; echo ${mark(this.#end)}`;
    this.request = `${first}\necho --err ${mark(this.#done)}; echo ${mark(this.#done)}\n`;
  }

  /** The answer and what stands behind it on both streams, or `undefined` while it has not all come. */
  cut(stdout: string, stderr: string): { answer: VirshAnswer; stdout: string; stderr: string } | undefined {
    const out = splitAt(stdout, this.#done);
    const err = splitAt(stderr, `error: ${this.#done}`);
    if (!out || !err) return undefined;
    const output = splitAt(splitAt(out.before, this.#begin)?.after ?? '', this.#end)?.before ?? '';
    return { answer: { output, failure: failureIn(err.before) }, stdout: out.after, stderr: err.after };
  }
}

export interface VirshAnswer {
  readonly output: string;
  /** What virsh said if the command failed, without its `error: ` prefixes. */
  readonly failure: string | undefined;
}

/** virsh begins each line of a failure with `error: `; libvirt's own log lines begin with a date. */
function failureIn(stderr: string): string | undefined {
  const begin = stderr.search(/^error: /m);
  if (begin < 0) return undefined;
  return stderr
    .slice(begin)
    .replace(/^error: /gm, '')
    .trim();
}

function splitAt(text: string, mark: string): { before: string; after: string } | undefined {
  const at = text.indexOf(mark);
  return at < 0 ? undefined : { before: text.slice(0, at), after: text.slice(at + mark.length) };
}
