import type { ChildProcess } from 'node:child_process';
import { onExit } from 'signal-exit';

/** The grace between SIGTERM and SIGKILL: docker stop gives 10 s, systemd 90 s; the tools run here need none. */
const graceMilliseconds = 5000;

/** Sends a signal to a process, and with `group` to everything that it started. One that has ended already is no error. */
export function sendSignal(child: ChildProcess, signal: NodeJS.Signals, group: boolean): void {
  if (child.pid === undefined) return;
  if (!group) {
    child.kill(signal);
    return;
  }
  try {
    process.kill(-child.pid, signal);
  } catch {
    // ESRCH: nothing is left of the group. EPERM: all that is left belongs to another user, and no signal of ours reaches it.
  }
}

/**
 * Ends a process: SIGTERM, and 5 s later SIGKILL. What left the group (a daemon) may still hold the pipes: they are closed
 * then, so that nobody waits for it.
 */
export function endProcess(child: ChildProcess, group: boolean): void {
  sendSignal(child, 'SIGTERM', group);
  const timer = setTimeout(() => {
    sendSignal(child, 'SIGKILL', group);
    child.stdout?.destroy();
    child.stderr?.destroy();
  }, graceMilliseconds);
  child.once('close', () => clearTimeout(timer));
}

/** Ends the process when this one exits, by a signal too: in a session of its own, the terminal's Ctrl-C does not reach it. */
export function endWithUs(child: ChildProcess, group: boolean): void {
  const forget = onExit(() => sendSignal(child, 'SIGTERM', group));
  child.once('close', forget);
}
