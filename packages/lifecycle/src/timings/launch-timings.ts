import type { GuestSession } from '@katavm/ssh-agent-runner';
import { askGuestBoot, divideBoot } from './guest-boot.js';
import type { LaunchClock, LaunchTiming } from './launch-clock.js';

/** Where a launch's time went, with the guest's own parts in place of `boot` where it booted and knows them. */
export async function divideByGuest(clock: LaunchClock, session: GuestSession): Promise<readonly LaunchTiming[]> {
  const span = clock.span('boot');
  // A guest that was lost has nothing to say any more; why it was is told elsewhere.
  const boot = span && (await askGuestBoot(session).catch(() => undefined));
  if (!span || !boot) return clock.timings;
  return clock.timings.flatMap((timing) => (timing.part === 'boot' ? divideBoot(boot, span) : [timing]));
}
