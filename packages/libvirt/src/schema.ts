import { isKatavmError, type MiB, parseSize } from '@katavm/core';
import { z } from '@katavm/core/schema';
import type { DomainNetwork } from './hypervisor.js';

const size = z.string().transform((text, context): MiB => {
  try {
    return parseSize(text);
  } catch (error) {
    if (!isKatavmError(error)) throw error;
    context.addIssue({ code: 'custom', message: `${error.message}; ${error.hint}` });
    return z.NEVER;
  }
});

/** IFNAMSIZ in linux/if.h: 16 bytes with the final NUL; the kernel refuses "/", ":" and white space. */
const bridgeName = z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}$/, 'must be the name of a network interface of this host');
const networkName = z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9_.+-]{0,79}$/, 'must be the name of a libvirt network');

const network = z.union(
  [z.literal('user'), z.strictObject({ network: networkName }), z.strictObject({ bridge: bridgeName })],
  'must be user, {network: NAME} or {bridge: NAME}',
);

/** The `vm` part of katavm.yaml. */
export const vmSchema = z.strictObject({
  vcpus: z.int().min(1).default(2),
  memory: size.prefault('2GiB'),
  disk: size.prefault('10GiB').describe("The clone's virtual disk; never smaller than the base's"),
  network: network.default('user'),
  acceleration: z.enum(['auto', 'kvm', 'tcg']).default('auto').describe('auto proves KVM by starting a kernel under it'),
  cpu: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'must be host-passthrough, host-model, maximum or the name of a CPU model')
    .default('host-passthrough'),
  osVariant: z
    .string()
    .regex(/^[a-z][a-z0-9._-]*$/, 'must be a libosinfo short name such as debian12')
    .optional()
    .describe('Informational: shown in the description of the domain'),
  uri: z
    .string()
    .regex(/^qemu(\+unix)?:\/\/\/(system|session)(\?[\w=/.&%-]*)?$/, 'must be qemu:///system or qemu:///session')
    .optional()
    .describe('Default: $LIBVIRT_DEFAULT_URI, else qemu:///system for root and qemu:///session for others'),
});

export type VmConfig = z.infer<typeof vmSchema>;

/** A config's network as a domain's. */
export function toDomainNetwork(network: VmConfig['network']): DomainNetwork {
  if (network === 'user') return { kind: 'user' };
  return 'network' in network ? { kind: 'network', name: network.network } : { kind: 'bridge', name: network.bridge };
}
