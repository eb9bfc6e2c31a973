import type { Subprocess } from './subprocess.js';

/** The grace between SIGTERM and SIGKILL: docker stop gives 10 s, systemd 90 s; the tools run here need none. */
const graceMilliseconds = 5000;

/**
 * Ends a process: SIGTERM, and 5 s later SIGKILL. What left the group (a daemon) may still hold the pipes: they are closed
 * then, so that nobody waits for it.
 */
export function endProcess(child: Subprocess): void {
  child.kill('SIGTERM');
  const timer = setTimeout(() => {
    child.kill('SIGKILL');
    child.stdout?.destroy();
    child.stderr?.destroy();
  }, graceMilliseconds);
  void child.ended.then(() => clearTimeout(timer));
}
