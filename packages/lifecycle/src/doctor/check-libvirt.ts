import { access, readFile } from 'node:fs/promises';
import { exec, hasCode, isKatavmError, messageOf } from '@katavm/core';
import type { DomainNetwork } from '@katavm/libvirt';
import type { Context } from '../context/context.js';
import { type Finding, failed, ok } from './finding.js';

/** Whether libvirt answers, and the network that the config asks for is there. */
export async function checkLibvirt(context: Context, uri: string, network: DomainNetwork = { kind: 'user' }): Promise<Finding[]> {
  try {
    await context.connect(uri);
  } catch (error) {
    // Of a missing virsh, the hint would be to run this.
    const mend = hasCode(error, 'KATAVM_COMMAND_MISSING') ? 'install virsh' : isKatavmError(error) ? error.hint : undefined;
    return [failed('libvirt connection', `${uri}: ${messageOf(error)}`, mend)];
  }
  return [ok('libvirt connection', uri), await checkNetwork(uri, network)];
}

function checkNetwork(uri: string, network: DomainNetwork): Promise<Finding> | Finding {
  if (network.kind === 'user') return ok('network', 'user networking, with a port forward on 127.0.0.1; needs no set-up');
  return network.kind === 'bridge' ? checkBridge(network.name) : checkLibvirtNetwork(uri, network.name);
}

async function checkLibvirtNetwork(uri: string, name: string): Promise<Finding> {
  const { stdout } = await exec('virsh', ['-c', uri, 'net-info', name], { acceptExitCodes: [0, 1] });
  if (/^Active:\s+yes/m.test(stdout)) return ok('network', `libvirt network "${name}" is active`);
  const virsh = `virsh -c ${uri}`;
  return /^Name:/m.test(stdout)
    ? failed('network', `libvirt network "${name}" is not active`, `${virsh} net-start ${name}`)
    : failed('network', `libvirt network "${name}" is not defined`, `${virsh} net-define FILE && ${virsh} net-start ${name}`);
}

async function checkBridge(bridge: string): Promise<Finding> {
  const device = `/sys/class/net/${bridge}`;
  const there = await access(`${device}/bridge`).then(
    () => true,
    () => false,
  );
  const start = `ip link set ${bridge} up`;
  if (!there) return failed('network', `there is no bridge ${bridge}`, `ip link add ${bridge} type bridge && ${start}`);
  // IFF_UP, which an administrator sets; operstate is "down" as long as no guest is on the bridge, too.
  const isUp = Number(await readFile(`${device}/flags`, 'utf8')) & 1;
  return isUp ? ok('network', `bridge ${bridge}`) : failed('network', `bridge ${bridge} is down`, start);
}
