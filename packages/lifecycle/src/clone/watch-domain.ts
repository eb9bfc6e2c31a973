import type { VmName } from '@katavm/core';
import type { Hypervisor } from '@katavm/libvirt';
import { Bell } from '../wait/bell.js';
import { guestDied, isDead } from './guest-died.js';

/** For an end that came before libvirt knew whom to tell, and for a guest that nobody listens to. */
const askAgainMilliseconds = 5000;

/** An ear on a domain from before its start. */
export interface DomainWatch {
  /** Aborted with KATAVM_GUEST_DIED or KATAVM_GUEST_HALTED when it does not run, once it should. */
  readonly died: AbortSignal;
  /** Comes when its guest has set its network card up, if its driver is one that says so. `undefined` where that is up already. */
  readonly networkUp: Promise<void> | undefined;
  /** It should run from now on. */
  begin(): void;
  /** When the guest has been reached, or will not be. */
  stop(): void;
}

export interface WatchInput {
  readonly hypervisor: Hypervisor;
  readonly name: VmName;
  /** Its network card is not up yet, and somebody waits for it. */
  readonly withoutNetwork: boolean;
  /**
   * Its SSH server listens, so that the wait is a handshake's: libvirt is asked now and then what it would else tell, because a virsh
   * that starts beside it takes 50 ms from it where the guest is emulated. Default: no.
   */
  readonly listens?: boolean | undefined;
}

/** @throws what `listen` throws. */
export async function watchDomain({ hypervisor, name, withoutNetwork, listens }: WatchInput): Promise<DomainWatch> {
  const died = new AbortController();
  const stopped = new AbortController();
  const bell = new Bell();
  let networkIsUp = () => {};
  const networkUp = new Promise<void>((resolve) => {
    networkIsUp = resolve;
  });
  const listener = { changed: bell.ring, ...(withoutNetwork && { networkUp: networkIsUp }) };
  const deafen = listens ? () => {} : await hypervisor.listen(name, listener);
  const watch = async () => {
    while (!stopped.signal.aborted) {
      const state = await hypervisor.state(name);
      if (stopped.signal.aborted) return;
      if (isDead(state)) return died.abort(guestDied(name, 'it booted', state));
      await bell.wait(askAgainMilliseconds, stopped.signal);
    }
  };
  return {
    died: died.signal,
    networkUp: withoutNetwork ? networkUp : undefined,
    begin: () => void watch().catch((error) => died.abort(error)),
    stop: () => {
      stopped.abort();
      deafen();
    },
  };
}
