import { parseVmName, trackStep } from '@katavm/core';
import type { Hypervisor } from '@katavm/libvirt';
import { type ReachInput, reachGuest } from '../clone/reach-guest.js';
import type { Context } from '../context/context.js';

/** After the third login the banner came in 0.6 s instead of 1.1 s (emulated): programs and libraries are in the page cache. */
const logins = 3;

/** A service that hangs at its start is no reason to have no image: what is there is as good as what a cold clone has. */
const bootEndMilliseconds = 300_000;

/** Starts a guest, and waits for its boot's end. Every login that is to be quick in its clones was done then, and none is open. */
export async function warmGuest(context: Context, input: ReachInput): Promise<void> {
  const { name, signal } = input;
  const first = await reachGuest(context, input);
  try {
    await trackStep(context.emit, 'warm', name, async () => {
      // "degraded" ends with 1, and is an answer, too.
      const booted = 'systemctl is-system-running --wait >/dev/null 2>&1 || :';
      await first.run(booted, { timeoutMilliseconds: bootEndMilliseconds, signal });
      for (let login = 1; login < logins; login++) {
        const session = await reachGuest(context, { ...input, start: undefined });
        await session.run('true', { signal });
        session.close();
        await session.closed;
      }
    });
  } finally {
    first.close();
  }
  await first.closed;
}

/** The domain's memory and devices are in the folder afterwards, and the domain is gone. */
export async function saveAndEnd(hypervisor: Hypervisor, domain: string, folder: string): Promise<void> {
  const name = parseVmName(domain);
  await hypervisor.suspend(name);
  await hypervisor.saveImage(name, folder);
  await hypervisor.remove(name);
}
