import { waitFor } from '@katavm/core';

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Waits until a process is gone: one that was just signalled takes a moment to be reaped. */
export async function untilGone(pid: number): Promise<void> {
  if (!(pid > 1)) throw new Error(`${pid} is no process id`);
  await waitFor({
    name: `the end of process ${pid}`,
    probe: async () => (isAlive(pid) ? undefined : true),
    timeoutMilliseconds: 20_000,
    hint: `ps ${pid}`,
  });
}
