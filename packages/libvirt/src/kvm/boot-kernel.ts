import { setTimeout as pause } from 'node:timers/promises';
import { type RunningProcess, start, throwIfAborted } from '@katavm/core';

export interface BootInput {
  readonly accelerator: 'kvm' | 'tcg';
  /** QEMU's arguments that say what to boot. */
  readonly boot: readonly string[];
  /** For the kernel's first word, and as long again for the rest of its boot. */
  readonly timeoutMilliseconds: number;
  readonly signal?: AbortSignal | undefined;
}

export interface BootOutcome {
  /** How far the kernel came, by what it printed on the serial console. */
  readonly reached: 'nothing' | 'first line' | 'first process';
  /** The last that it printed. */
  readonly lastLine: string;
  /** QEMU's own words, if it had any. */
  readonly said: string;
  /** QEMU ended by itself. */
  readonly ended: boolean;
}

const firstLine = /Linux version/;

/**
 * What a kernel says when all that is left for it is to start the first process, with a root file system or without one. The whole line:
 * it comes in pieces, and the last line is told.
 */
const bootEnds = /(Freeing unused kernel|Unable to mount root fs).*[\r\n]/;

/** QEMU is killed by timeout(1) this long after we should have ended it: it must not stay when this process dies by SIGKILL. */
const graceSeconds = 5;

const machine = [
  '-machine',
  'q35',
  '-m',
  '256',
  '-nodefaults',
  '-no-user-config',
  '-display',
  'none',
  '-serial',
  'stdio',
  '-no-reboot',
];

/** Boots a kernel in a QEMU of its own, without libvirt, and reads on the serial console how far it comes. */
export async function bootKernel({ accelerator, boot, timeoutMilliseconds, signal }: BootInput): Promise<BootOutcome> {
  throwIfAborted(signal);
  const lifetime = Math.ceil((2 * timeoutMilliseconds) / 1000) + graceSeconds;
  const cpu = accelerator === 'kvm' ? 'host' : 'max';
  const qemu = ['qemu-system-x86_64', '-accel', accelerator, '-cpu', cpu, ...machine, ...boot];
  const process = start('timeout', ['--signal=KILL', `${lifetime}s`, ...qemu], { detached: true, signal });
  let said = '';
  process.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const serial = new SerialConsole(process);
  try {
    const spoke = await serial.says(firstLine, timeoutMilliseconds);
    const booted = spoke && (await serial.says(bootEnds, timeoutMilliseconds));
    throwIfAborted(signal);
    const reached = booted ? 'first process' : spoke ? 'first line' : 'nothing';
    return { reached, lastLine: serial.lastLine(), ended: serial.closed, said: said.trim() };
  } finally {
    // To the whole group: a SIGKILL to timeout alone would leave QEMU behind. There is nothing in it that is worth a grace.
    process.kill('SIGKILL');
    await process.ended;
  }
}

class SerialConsole {
  closed = false;
  #text = '';
  #look = () => {};

  constructor({ stdout, ended }: RunningProcess) {
    stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#text += text;
      this.#look();
    });
    void ended.then(() => {
      this.closed = true;
      this.#look();
    });
  }

  /** Whether it says this before its end, within this time. */
  async says(words: RegExp, timeoutMilliseconds: number): Promise<boolean> {
    const over = new AbortController();
    this.#look = () => {
      if (this.closed || words.test(this.#text)) over.abort();
    };
    this.#look();
    await pause(timeoutMilliseconds, undefined, { signal: over.signal }).catch(() => {});
    return words.test(this.#text);
  }

  lastLine(): string {
    return (
      this.#text
        .trimEnd()
        .split(/[\r\n]+/)
        .at(-1) ?? ''
    );
  }
}
