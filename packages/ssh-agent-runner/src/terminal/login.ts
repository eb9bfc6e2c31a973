import type { Readable, Writable } from 'node:stream';
import { throwIfAborted } from '@katavm/core';
import { whenAborted } from '../abort/when-aborted.js';
import type { CommandEnd } from '../adapter.js';
import { openShell } from '../command/command.js';
import { feed } from '../command/feed.js';
import { handOn } from '../command/hand-on.js';
import type { Connection } from '../connection/connection.js';

interface LoginStreams {
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly signal?: AbortSignal | undefined;
}

type Terminal = Readable & { isTTY?: boolean; isRaw?: boolean; setRawMode?: (raw: boolean) => void };
type Screen = Writable & { columns?: number; rows?: number };

/** Ctrl-D: on a terminal, the end of input is a character. */
const endOfInput = '\x04';

/**
 * Runs a login shell on a terminal of the size of this one. This terminal is raw meanwhile: Ctrl-C belongs to the guest.
 * However the shell ends, the terminal is as it was afterwards.
 *
 * @throws KATAVM_GUEST_LOST, KATAVM_SSH_CHANNEL_REFUSED, KATAVM_INTERRUPTED
 */
export async function login(connection: Connection, { stdin, stdout, signal }: LoginStreams): Promise<CommandEnd> {
  throwIfAborted(signal);
  const shell = await openShell(connection, { term: process.env['TERM'] || 'xterm', ...sizeOf(stdout) });
  const { channel } = shell;
  const onResize = () => {
    const { rows, cols } = sizeOf(stdout);
    channel.setWindow(rows, cols, 0, 0);
  };
  const { aborted, forget } = whenAborted(signal);
  const restore = makeRaw(stdin);
  const stopFeeding = feed(stdin, channel, () => channel.write(endOfInput));
  const output = handOn(channel, stdout, shell.handedOn);
  channel.stderr.resume(); // a terminal has none
  stdout.on('resize', onResize);
  try {
    return await Promise.race([aborted, wholeEnd(shell.ended, output.done)]);
  } finally {
    stdout.off('resize', onResize);
    forget();
    stopFeeding();
    restore();
    output.letGo();
    shell.end('HUP'); // what a shell gets when its terminal goes; nothing, for one that has ended
  }
}

async function wholeEnd(ended: Promise<CommandEnd>, shown: Promise<void>): Promise<CommandEnd> {
  const end = await ended;
  await shown;
  return end;
}

function sizeOf(stdout: Screen): { rows: number; cols: number } {
  return { rows: stdout.rows ?? 24, cols: stdout.columns ?? 80 };
}

function makeRaw(stdin: Terminal): () => void {
  if (!stdin.isTTY || !stdin.setRawMode) return () => {};
  const before = stdin.isRaw ?? false;
  stdin.setRawMode(true);
  return () => stdin.setRawMode?.(before);
}
