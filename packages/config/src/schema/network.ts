import type { z } from '@katavm/core/schema';
import type { DomainNetwork } from '@katavm/libvirt';
import type { vmSchema } from './adapters.js';

export type WrittenNetwork = z.output<typeof vmSchema>['network'];

/** From what katavm.yaml says to what a domain is made from. */
export function domainNetwork(written: WrittenNetwork): DomainNetwork {
  if (written === 'user') return { kind: 'user' };
  if ('network' in written) return { kind: 'network', name: written.network };
  return { kind: 'bridge', name: written.bridge };
}

/** The way back. */
export function writtenNetwork(network: DomainNetwork): WrittenNetwork {
  if (network.kind === 'user') return 'user';
  return network.kind === 'network' ? { network: network.name } : { bridge: network.name };
}
