import { withUnnamedFile } from '@katavm/core';
import type { DomainSpec } from '../hypervisor.js';
import { refused } from '../virsh/refused.js';
import type { Virsh } from '../virsh/virsh.js';
import { domainXml } from '../xml/domain-xml.js';
import { uuidOf } from './domains.js';
import { domainExists } from './failures.js';

/**
 * Defines the domain. `virsh define` takes a file only.
 *
 * @throws KATAVM_DOMAIN_EXISTS when the name is taken, whoever took it.
 */
export async function define(virsh: Virsh, spec: DomainSpec): Promise<void> {
  const xml = domainXml(spec);
  // `virsh define` with the name and UUID of an existing domain would change that domain.
  if ((await uuidOf(virsh, spec.name)) !== undefined) throw domainExists(spec.name, virsh.uri);
  const { failure } = await withUnnamedFile(xml, (file) => virsh.run(['define', '--file', file]));
  if (failure === undefined) return;
  // Another process was quicker.
  if (/already exists/.test(failure)) throw domainExists(spec.name, virsh.uri);
  throw refused(`define the domain ${spec.name}`, failure);
}
