import { access } from 'node:fs/promises';
import { exec, isKatavmError, messageOf } from '@katavm/core';
import type { DomainNetwork } from '@katavm/libvirt';
import type { Context } from '../context/context.js';
import { type Finding, failed, ok } from './finding.js';

/** Whether libvirt answers, and the network that the config asks for is there. */
export async function checkLibvirt(context: Context, uri: string, network: DomainNetwork = { kind: 'user' }): Promise<Finding[]> {
  try {
    await context.connect(uri);
  } catch (error) {
    return [failed('libvirt connection', `${uri}: ${messageOf(error)}`, isKatavmError(error) ? error.hint : undefined)];
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
  const defined = /^Name:/m.test(stdout);
  return failed(
    'network',
    `libvirt network "${name}" is ${defined ? 'not active' : 'not defined'}`,
    `virsh -c ${uri} net-start ${name}`,
  );
}

async function checkBridge(bridge: string): Promise<Finding> {
  const there = await access(`/sys/class/net/${bridge}/bridge`).then(
    () => true,
    () => false,
  );
  return there
    ? ok('network', `bridge ${bridge}`)
    : failed('network', `there is no bridge ${bridge}`, `ip link add ${bridge} type bridge`);
}
