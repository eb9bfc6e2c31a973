import { setTimeout as pause } from 'node:timers/promises';
import type { VmName } from '@katavm/core';
import type { Hypervisor } from '@katavm/libvirt';
import { guestDied, isDead } from './guest-died.js';

/** How often libvirt is asked whether the guest still runs: a question costs a few milliseconds on an open connection. */
const everyMilliseconds = 500;

/** Aborts `died` with KATAVM_GUEST_DIED or KATAVM_GUEST_HALTED when a started domain stops running. Stop it when the guest has been reached. */
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
      if (isDead(state)) return died.abort(guestDied(name, 'it booted', state));
      await pause(everyMilliseconds, undefined, { signal: stopped.signal }).catch(() => {});
    }
  })().catch((error) => died.abort(error));
  return { died: died.signal, stop: () => stopped.abort() };
}
