import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { abortReason, type RunningProcess, start, throwIfAborted } from '@katavm/core';

/**
 * Ends the whole group when our end of its stdin closes, so however we die. mmdebstrap waits for its children when it is sent a
 * signal, and in a namespace of their own they would outlive it, and go on writing.
 */
const guarded = `exec 9<&0
{ cat >/dev/null; kill -KILL 0; } <&9 >/dev/null 2>&1 &
exec "$@" </dev/null 9<&-`;

export interface GroupOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  readonly onLine: (line: string) => void;
}

/**
 * Runs a command and everything that it starts as one: it ends with this process, and at once when it is aborted.
 *
 * @returns how it failed; `undefined` where it did not.
 */
export async function runInGroup(command: readonly string[], { env, signal, onLine }: GroupOptions): Promise<string | undefined> {
  throwIfAborted(signal);
  const running = startGuarded(command, env);
  const lines = [readLines(running.stdout, onLine), readLines(running.stderr, onLine)];
  // SIGKILL: what it leaves behind is in a directory and in mounts of its own.
  const abort = () => running.kill('SIGKILL');
  signal?.addEventListener('abort', abort, { once: true });
  const { failure } = await running.ended;
  signal?.removeEventListener('abort', abort);
  await Promise.all(lines);
  if (signal?.aborted) throw abortReason(signal);
  return failure;
}

/** A command whose whole group ends with its stdin. */
export function startGuarded(command: readonly string[], env: Readonly<Record<string, string>>): RunningProcess {
  return start('sh', ['-c', guarded, 'katavm', ...command], { detached: true, env });
}

async function readLines(stream: Readable, onLine: (line: string) => void): Promise<void> {
  for await (const line of createInterface({ input: stream })) onLine(line);
}
