import { ignoreEvents } from '@katavm/core';
import type { Hypervisor } from '@katavm/libvirt';
import { connect, defaultUri } from '@katavm/libvirt/connection';

/**
 * A connection that is opened while the config is still being read: virsh and libvirtd need as long for it as Node for the rest of
 * the hook. Nearly every config uses this host's usual libvirt; for one that names another, this one is closed unused.
 */
export interface EarlyConnection {
  readonly uri: string;
  readonly hypervisor: Promise<Hypervisor>;
}

export function connectEarly(env: NodeJS.ProcessEnv, signal: AbortSignal): EarlyConnection {
  const uri = defaultUri(env);
  const hypervisor = connect({ uri, emit: ignoreEvents, signal });
  hypervisor.catch(() => {}); // whoever needs it meets the failure
  return { uri, hypervisor };
}

export async function closeEarly({ hypervisor }: EarlyConnection): Promise<void> {
  await hypervisor.then(
    (open) => open.close(),
    () => {}, // it was never open
  );
}
