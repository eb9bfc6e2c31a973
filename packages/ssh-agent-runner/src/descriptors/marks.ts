/** A mark on stderr is this, a nonce, a word and a number: `begins PID`, `ends CODE`. Longer than the longest of them. */
const mostMarkBytes = 96;

/**
 * The command, and around it what OpenSSH's client cannot tell: the process group to send signals to, and, apart from the client's
 * own 255, the exit code, also after a death by signal. Both are told on stderr, in marks that the reader takes away.
 *
 * The user's own shell runs the command, as sshd would. This one stays: it must outlive a signal to the group (a caught signal is
 * the default again in what it starts). It ends with the command's code, and never with 255, which is the client's own; where nobody
 * reads stdout any more, sshd drops the last mark, and that code is what is left.
 */
export function markedCommand(command: string, nonce: string): string {
  const tell = (word: string, value: string) => `printf '\\000katavm %s ${word} %s\\n' ${nonce} "${value}" >&2`;
  const quoted = `'${command.replaceAll("'", `'\\''`)}'`;
  return [
    tell('begins', '$$'),
    'trap : HUP INT QUIT TERM',
    `"\${SHELL:-sh}" -c ${quoted}`,
    'code=$?',
    tell('ends', '$code'),
    '[ "$code" != 255 ] || code=254',
    'exit "$code"',
  ].join('; ');
}

/** Takes the marks out of what comes on stderr. */
export class Marks {
  /** The process group of the command. */
  begun: number | undefined;
  /** Its exit code. */
  ended: number | undefined;
  readonly #head: Buffer;
  #held = Buffer.alloc(0);

  constructor(nonce: string) {
    this.#head = Buffer.from(`\0katavm ${nonce} `);
  }

  /** @returns what is no mark, as far as that is known. */
  take(chunk: Buffer): Buffer {
    const all = Buffer.concat([this.#held, chunk]);
    const passed: Buffer[] = [];
    let from = 0;
    for (;;) {
      const at = this.#findHead(all, from);
      passed.push(all.subarray(from, at));
      const end = all.indexOf('\n', at);
      const cut = end < 0 && all.length - at < mostMarkBytes;
      if (at === all.length || cut) {
        this.#held = all.subarray(at);
        return Buffer.concat(passed);
      }
      from = this.#read(all.subarray(at, end)) ? end + 1 : at + 1;
      if (from === at + 1) passed.push(all.subarray(at, from));
    }
  }

  /** What was held as the beginning of a mark, and is none. */
  rest(): Buffer {
    return this.#held;
  }

  /** Where a mark begins, or may begin with bytes to come; the end where none does. */
  #findHead(all: Buffer, from: number): number {
    const head = this.#head;
    for (let at = all.indexOf(0, from); at >= 0; at = all.indexOf(0, at + 1)) {
      const seen = all.subarray(at, at + head.length);
      if (seen.equals(head.subarray(0, seen.length))) return at;
    }
    return all.length;
  }

  #read(mark: Buffer): boolean {
    const [, word, value] = /^(begins|ends) (\d+)$/.exec(mark.subarray(this.#head.length).toString('latin1')) ?? [];
    if (word === 'begins') this.begun = Number(value);
    if (word === 'ends') this.ended = Number(value);
    return word !== undefined;
  }
}
