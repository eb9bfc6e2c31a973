import type { VmName } from '@katavm/core';
import type { DomainMetadata, DomainState } from '../hypervisor.js';
import { refused } from '../virsh/refused.js';
import type { Virsh } from '../virsh/virsh.js';
import { metadataNamespace } from '../xml/metadata.js';
import { parseMetadata } from '../xml/parse-metadata.js';
import { domainForeign } from './failures.js';

/** A domain of katavm's. It is named by its UUID from here on: its name could meanwhile belong to another. */
export interface OwnDomain {
  readonly uuid: string;
  readonly metadata: DomainMetadata;
}

/**
 * virsh's only word about a domain that does not exist; any other failure to look one up has a second line. The command may
 * come too late, too: libvirt then says `Domain not found: …` behind its first line.
 */
export function isAbsent(failure: string): boolean {
  return /^failed to get domain '[^']*'$/.test(failure) || /^Domain not found/m.test(failure);
}

/** The UUID of the domain of this name, katavm's or not. */
export async function uuidOf(virsh: Virsh, name: VmName): Promise<string | undefined> {
  const { output, failure } = await virsh.run(['domuuid', '--domain', name]);
  if (failure === undefined) return output.trim();
  if (isAbsent(failure)) return undefined;
  throw refused(`look for the domain ${name}`, failure);
}

/**
 * The metadata of the domain with this UUID if katavm made it under this name. A copy made by virt-clone carries the
 * metadata of its original: its name tells that it is not ours.
 */
export async function ownMetadata(virsh: Virsh, uuid: string, name: string): Promise<DomainMetadata | undefined> {
  const { output, failure } = await virsh.run(['metadata', '--domain', uuid, '--uri', metadataNamespace]);
  if (failure !== undefined) {
    if (isAbsent(failure) || /metadata.*not (found|present)/i.test(failure)) return undefined;
    throw refused(`read the metadata of the domain ${name}`, failure);
  }
  const metadata = parseMetadata(output);
  return metadata?.clone === name ? metadata : undefined;
}

/**
 * The domain of this name, to do something to it.
 *
 * @returns `undefined` where there is none.
 * @throws KATAVM_DOMAIN_FOREIGN for one that katavm did not make.
 */
export async function ownDomain(virsh: Virsh, name: VmName): Promise<OwnDomain | undefined> {
  const uuid = await uuidOf(virsh, name);
  if (uuid === undefined) return undefined;
  const metadata = await ownMetadata(virsh, uuid, name);
  if (metadata) return { uuid, metadata };
  // It may have gone between the two looks.
  if ((await uuidOf(virsh, name)) !== uuid) return ownDomain(virsh, name);
  throw domainForeign(name, virsh.uri);
}

const states: readonly DomainState[] = ['running', 'paused', 'shut off', 'crashed', 'in shutdown'];

/** Why a domain is paused that nobody has paused. `unknown` is libvirt's word where KVM fails (libvirt 9.0). */
const haltReasons: readonly string[] = ['I/O error', 'unknown', 'watchdog', 'crashed'];

/** From what `virsh domstate --reason` prints: `paused (user)`. `idle` is a domain that runs and waits for input or output. */
export function parseState(output: string): DomainState {
  const [, word = '', reason = ''] = /^(.*?)(?: \((.*)\))?$/.exec(output.trim()) ?? [];
  if (word === 'idle') return 'running';
  if (word === 'paused' && haltReasons.includes(reason)) return 'halted';
  return states.find((state) => state === word) ?? 'other';
}
