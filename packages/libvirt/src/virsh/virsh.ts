import { randomBytes } from 'node:crypto';
import type { Writable } from 'node:stream';
import { abortReason, type RunningProcess, type StartOptions, start } from '@katavm/core';
import { Frame, type VirshAnswer } from './frame.js';
import { cannotConnect, connectionLost } from './unreachable.js';

interface Call {
  readonly frame: Frame;
  readonly resolve: (answer: VirshAnswer) => void;
  readonly reject: (error: unknown) => void;
  readonly timer: NodeJS.Timeout;
}

/**
 * libvirtd can be busy for 90 s before it answers: it probes QEMU's capabilities anew when /dev/kvm is not accessible to
 * the QEMU user (measured on libvirt 9.0). Three times that is a daemon that hangs.
 */
const answerTimeoutMilliseconds = 270_000;

/** A virsh, and what it reads its commands from. */
export interface VirshProcess {
  readonly process: RunningProcess;
  readonly input: Writable;
}

/** `stdin`: a descriptor that it reads from; without one it reads from a pipe of this process. `third`: its descriptor 3. */
export function startVirsh(
  uri: string,
  { env, ...descriptors }: Pick<StartOptions, 'stdin' | 'third' | 'env'> = {},
): RunningProcess {
  // A user's inputrc could make readline act on plain characters.
  return start('virsh', ['--quiet', '--connect', uri], { shielded: true, env: { INPUTRC: '/dev/null', ...env }, ...descriptors });
}

/** @param third An open file that virsh gets as its descriptor 3, for `--pass-fds`. */
export function virshOnPipe(uri: string, third?: number): VirshProcess {
  const process = startVirsh(uri, { third });
  return { process, input: process.stdin };
}

/**
 * One interactive virsh, which holds one connection to libvirt: a command costs under 1 ms there, and 20 to 40 ms as a
 * process of its own. virsh works the commands off in the order of the calls.
 *
 * When this process dies, by SIGKILL too, virsh reads the end of its stdin and ends, and libvirt destroys the domains
 * that were started with --autodestroy.
 */
export class Virsh {
  readonly #process: RunningProcess;
  readonly #input: Writable;
  readonly #token = `k${randomBytes(6).toString('hex')}`;
  readonly #calls: Call[] = [];
  #stdout = '';
  #stderr = '';
  #count = 0;
  #connected = false;
  #lost: Error | undefined;
  #resolveEnded = () => {};

  /** `signal` ends the calls that wait at that moment. The connection stays: undoing what was done needs it. */
  constructor(
    readonly uri: string,
    readonly signal?: AbortSignal | undefined,
    { process, input }: VirshProcess = virshOnPipe(uri),
  ) {
    this.#process = process;
    this.#input = input;
    this.#process.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
      this.#advance();
    });
    this.#process.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
      this.#advance();
    });
    void this.#process.ended.then(({ failure }) => this.#lose(this.#stderr.trim() || failure || 'virsh ended'));
    signal?.addEventListener('abort', this.#abort, { once: true });
  }

  /** @throws KATAVM_LIBVIRT_UNREACHABLE when virsh or its connection has ended. A command that fails is an answer. */
  run(words: readonly string[]): Promise<VirshAnswer> {
    return new Promise((resolve, reject) => {
      if (this.#lost) return reject(this.#lost);
      const frame = new Frame(words, `${this.#token}-${this.#count++}`);
      const late = () => this.#lose(`it gave no answer to "${words[0]}" within ${answerTimeoutMilliseconds / 1000} s`);
      this.#calls.push({ frame, resolve, reject, timer: setTimeout(late, answerTimeoutMilliseconds) });
      this.#input.write(frame.request);
    });
  }

  /** Resolves when the connection has ended, whoever ended it. */
  readonly ended = new Promise<void>((resolve) => {
    this.#resolveEnded = resolve;
  });

  /** Leaves virsh to others who hold its input open, and never speaks to it again. */
  letGo(): void {
    this.#end('it was left to others');
    this.#process.letGo();
  }

  /** Ends the connection, and with it the domains that were started to die with it. */
  async close(): Promise<void> {
    this.#lose('the connection was closed');
    await this.#process.ended;
  }

  readonly #abort = () => {
    for (const call of this.#calls) call.reject(this.signal && abortReason(this.signal));
  };

  #advance(): void {
    for (let call = this.#calls[0]; call; call = this.#calls[0]) {
      const cut = call.frame.cut(this.#stdout, this.#stderr);
      if (!cut || disconnection(cut.answer.failure)) break;
      this.#stdout = cut.stdout;
      this.#stderr = cut.stderr;
      this.#calls.shift();
      clearTimeout(call.timer);
      this.#connected = true;
      call.resolve(cut.answer);
    }
    const disconnected = disconnection(this.#stderr);
    if (disconnected) this.#lose(disconnected);
  }

  #lose(reason: string): void {
    if (this.#lost) return;
    this.#end(reason);
    // By a signal, not by the end of its input: virsh would then add these commands to the user's history file.
    this.#process.kill();
  }

  #end(reason: string): void {
    this.#lost = this.#connected ? connectionLost(this.uri, reason) : cannotConnect(this.uri, reason);
    this.signal?.removeEventListener('abort', this.#abort);
    for (const call of this.#calls.splice(0)) {
      clearTimeout(call.timer);
      call.reject(this.#lost);
    }
    this.#resolveEnded();
  }
}

/** virsh would connect again by itself, but libvirt has let go of everything that hung on the old connection. */
function disconnection(said = ''): string | undefined {
  return /^(?:error: )?(Disconnected from .*)$/m.exec(said)?.[1];
}
