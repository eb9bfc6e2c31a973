import type { GuestSession } from '@katavm/ssh-agent-runner';
import type { LaunchTiming } from './launch-clock.js';

/** `key=value` and not `--value`, which systemd has since 230. Microseconds of the guest's monotonic clock, which its kernel starts. */
const question = [
  'read -r up _ </proc/uptime; echo "uptime=$up"',
  'systemctl show --property=UserspaceTimestampMonotonic',
  'systemctl show --property=ActiveEnterTimestampMonotonic ssh.service sshd.service',
].join('; ');

/** Seconds of the guest's clock. */
export interface GuestBoot {
  readonly uptime: number;
  readonly userspaceBegan: number;
  readonly sshdReady: number;
}

/** When the guest's kernel handed over, and when its sshd was ready. `undefined` where it does not know (no systemd). */
export async function askGuestBoot(session: GuestSession): Promise<(GuestBoot & { readonly askedAt: number }) | undefined> {
  const before = performance.now();
  const { stdout } = await session.run(question);
  const boot = parseGuestBoot(stdout);
  // The uptime was read somewhere between the question and the answer.
  return boot && { ...boot, askedAt: (before + performance.now()) / 2 };
}

export function parseGuestBoot(answer: string): GuestBoot | undefined {
  const uptime = Number(/^uptime=([\d.]+)$/m.exec(answer)?.[1]);
  const userspaceBegan = Number(/^UserspaceTimestampMonotonic=(\d+)$/m.exec(answer)?.[1]) / 1e6;
  // 0 where there is no such unit, or it never started.
  const entered = [...answer.matchAll(/^ActiveEnterTimestampMonotonic=(\d+)$/gm)].map((match) => Number(match[1]) / 1e6);
  const sshdReady = entered.find((seconds) => seconds > 0);
  if (!(uptime > 0 && userspaceBegan > 0) || sshdReady === undefined) return undefined;
  return { uptime, userspaceBegan, sshdReady };
}

/**
 * The time from the start of the domain to the banner, as the guest divides it. `firmware` is everything before its kernel's
 * clock: QEMU's start, the firmware, the kernel's unpacking. `kernel` includes the initrd.
 */
export function divideBoot(
  boot: GuestBoot & { readonly askedAt: number },
  span: { readonly began: number; readonly ended: number },
): LaunchTiming[] {
  const kernelAt = boot.askedAt - boot.uptime * 1000;
  const moments = [span.began, kernelAt, kernelAt + boot.userspaceBegan * 1000, kernelAt + boot.sshdReady * 1000, span.ended];
  // A server that is ready is told a moment after it listens: no part takes less than nothing, and all of them take the whole.
  const ordered = moments.map((_, index) => Math.min(Math.max(...moments.slice(0, index + 1)), span.ended));
  return ['firmware', 'kernel', 'userspace', 'sshd'].map((part, index) => ({
    part,
    milliseconds: (ordered[index + 1] ?? 0) - (ordered[index] ?? 0),
  }));
}
