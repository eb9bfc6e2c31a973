import { open } from 'node:fs/promises';
import { withUnnamedFile } from '@katavm/core';
import type { DomainSpec } from '../hypervisor.js';
import { refused } from '../virsh/refused.js';
import type { Virsh } from '../virsh/virsh.js';
import type { SocketUser } from '../xml/devices.js';
import { domainXml } from '../xml/domain-xml.js';
import { uuidOf } from './domains.js';
import { domainExists } from './failures.js';

/**
 * Defines the domain. `virsh define` takes a file only.
 *
 * @throws KATAVM_DOMAIN_EXISTS when the name is taken, whoever took it.
 */
export async function define(virsh: Virsh, spec: DomainSpec): Promise<void> {
  const xml = domainXml(spec, socketUser(virsh.uri));
  // `virsh define` with the name and UUID of an existing domain would change that domain.
  if ((await uuidOf(virsh, spec.name)) !== undefined) throw domainExists(spec.name, virsh.uri);
  await makeConsoleLog(spec.consoleLog);
  const { failure } = await withUnnamedFile(xml, (file) => virsh.run(['define', '--file', file]));
  if (failure === undefined) return;
  // Another process was quicker.
  if (/already exists/.test(failure)) throw domainExists(spec.name, virsh.uri);
  throw refused(`define the domain ${spec.name}`, failure);
}

/** Root connects to any socket, and the session's libvirt, which runs as who asks, knows no other user ("model 'dac' is not available"). */
function socketUser(uri: string): SocketUser | undefined {
  const [uid, gid] = [process.getuid?.(), process.getgid?.()];
  return uid === undefined || gid === undefined || uid === 0 || uri.endsWith('/session') ? undefined : { uid, gid };
}

/** libvirt's log daemon appends to the file that is there; one that it makes itself only root can read, mode 0600. */
async function makeConsoleLog(path: string): Promise<void> {
  await (await open(path, 'a', 0o600)).close();
}
