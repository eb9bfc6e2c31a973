import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DomainSpec } from '../hypervisor.js';
import { refused } from '../virsh/refused.js';
import type { Virsh } from '../virsh/virsh.js';
import { domainXml } from '../xml/domain-xml.js';
import { uuidOf } from './domains.js';
import { domainExists } from './failures.js';

/**
 * Defines the domain. `virsh define` takes a file only; it is in a folder that no other user can read.
 *
 * @throws KATAVM_DOMAIN_EXISTS when the name is taken, whoever took it.
 */
export async function define(virsh: Virsh, spec: DomainSpec): Promise<void> {
  const xml = domainXml(spec);
  // `virsh define` with the name and UUID of an existing domain would change that domain.
  if ((await uuidOf(virsh, spec.name)) !== undefined) throw domainExists(spec.name, virsh.uri);
  const folder = await mkdtemp(join(privateParent(), 'katavm-define-'));
  try {
    const file = join(folder, 'domain.xml');
    await writeFile(file, xml, { mode: 0o600 });
    const { failure } = await virsh.run(['define', '--file', file]);
    if (failure === undefined) return;
    // Another process was quicker.
    if (/already exists/.test(failure)) throw domainExists(spec.name, virsh.uri);
    throw refused(`define the domain ${spec.name}`, failure);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** virsh's line editor takes no other characters (see quoteWord). */
function privateParent(): string {
  return /^[\x20-\x7e]+$/.test(tmpdir()) ? tmpdir() : '/tmp';
}
