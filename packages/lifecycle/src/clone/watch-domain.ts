import { setTimeout as pause } from 'node:timers/promises';
import { KatavmError, type VmName } from '@katavm/core';
import type { Hypervisor } from '@katavm/libvirt';

/** How often libvirt is asked whether the guest still runs: a question costs a few milliseconds on an open connection. */
const everyMilliseconds = 500;

/** Aborts `died` with KATAVM_GUEST_DIED when a started domain stops running. Stop it when the guest has been reached. */
export function watchDomain({ hypervisor, name }: { readonly hypervisor: Hypervisor; readonly name: VmName }): {
  readonly died: AbortSignal;
  stop(): void;
} {
  const died = new AbortController();
  const stopped = new AbortController();
  void (async () => {
    while (!stopped.signal.aborted) {
      const state = await hypervisor.state(name);
      if (stopped.signal.aborted) return;
      if (state !== 'running' && state !== 'paused') return died.abort(guestDied(name, state));
      await pause(everyMilliseconds, undefined, { signal: stopped.signal }).catch(() => {});
    }
  })().catch((error) => died.abort(error));
  return { died: died.signal, stop: () => stopped.abort() };
}

function guestDied(name: VmName, state: string | undefined): KatavmError {
  return new KatavmError({
    code: 'KATAVM_GUEST_DIED',
    message: `the guest ${name} stopped while it booted (it is ${state ?? 'gone'})`,
    hint: `its console says why; where it breaks off, look at /var/log/libvirt/qemu/${name}.log and dmesg`,
    details: { state },
  });
}
