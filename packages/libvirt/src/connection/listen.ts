import { start } from '@katavm/core';
import type { DomainListener } from '../hypervisor.js';

/** QEMU says it when a guest's driver first sets the receive filter of its virtio card, which it does as it sets the card up. */
const cardIsUp = 'NIC_RX_FILTER_CHANGED';

/**
 * By virshes of their own: one that listens answers nothing, and libvirt's events and QEMU's are two of its commands. They end with
 * this process, however that ends. Returns what ends them before.
 */
export function listen(uri: string, uuid: string, { changed, networkUp }: DomainListener): () => void {
  const ends = [hear(uri, ['event', '--domain', uuid, '--event', 'lifecycle', '--loop'], changed)];
  if (networkUp) ends.push(hear(uri, ['qemu-monitor-event', '--domain', uuid, '--event', cardIsUp], networkUp));
  return () => {
    for (const end of ends) end();
  };
}

/** Tells of each word of virsh's, on stderr that it has lost its connection, and of its end: what it cannot hear is asked for then. */
function hear(uri: string, words: readonly string[], tell: () => void): () => void {
  const virsh = start('virsh', ['--quiet', '--connect', uri, ...words], { detached: true, diesWithUs: true });
  let told = tell;
  for (const stream of [virsh.stdout, virsh.stderr]) stream.on('data', () => told());
  void virsh.ended.then(() => told());
  return () => {
    told = () => {};
    virsh.kill();
  };
}
