import { setTimeout as pause } from 'node:timers/promises';
import { start, throwIfAborted } from '@katavm/core';

export interface BootInput {
  readonly accelerator: 'kvm' | 'tcg';
  /** QEMU's arguments that say what to boot. */
  readonly boot: readonly string[];
  readonly timeoutMilliseconds: number;
  readonly signal?: AbortSignal | undefined;
}

export interface BootOutcome {
  /** A Linux kernel has printed its first line on the serial console. */
  readonly booted: boolean;
  /** QEMU's own words, if it had any. */
  readonly said: string;
  /** QEMU ended by itself, without a kernel's word. */
  readonly ended: boolean;
}

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

/** Boots a kernel in a QEMU of its own, without libvirt, and waits for its first words on the serial console. */
export async function bootKernel({ accelerator, boot, timeoutMilliseconds, signal }: BootInput): Promise<BootOutcome> {
  throwIfAborted(signal);
  const lifetime = Math.ceil(timeoutMilliseconds / 1000) + graceSeconds;
  const cpu = accelerator === 'kvm' ? 'host' : 'max';
  const qemu = ['qemu-system-x86_64', '-accel', accelerator, '-cpu', cpu, ...machine, ...boot];
  const process = start('timeout', ['--signal=KILL', `${lifetime}s`, ...qemu], { detached: true, signal });
  const over = new AbortController();
  let said = '';
  process.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const booted = new Promise<'booted'>((resolve) => {
    let console = '';
    process.stdout.setEncoding('utf8').on('data', (text: string) => {
      console += text;
      if (console.includes('Linux version')) resolve('booted');
    });
  });
  try {
    const late = pause(timeoutMilliseconds, 'late' as const, { signal: over.signal }).catch(() => 'late' as const);
    const outcome = await Promise.race([booted, process.ended.then(() => 'ended' as const), late]);
    throwIfAborted(signal);
    return { booted: outcome === 'booted', ended: outcome === 'ended', said: said.trim() };
  } finally {
    over.abort();
    // To the whole group: a SIGKILL to timeout alone would leave QEMU behind. There is nothing in it that is worth a grace.
    process.kill('SIGKILL');
    await process.ended;
  }
}
