import { throwIfAborted } from '@katavm/core';
import type { LibvirtAdapter } from '../adapter.js';
import { hypervisorOf } from '../connection/connect.js';
import { startVirsh, Virsh } from '../virsh/virsh.js';
import { makeLifeline, type NewLifeline } from './lifeline.js';

/**
 * It ends with its input, and would then write these commands into the user's history file: where there can be no folder for it,
 * it does not. This one must not be the first connection of a user's session: the daemon that it would start keeps its files there.
 */
const noHistory = { XDG_CACHE_HOME: '/dev/null' };

/** Connects to libvirt through a virsh of its own, which lives as long as anybody holds the lifeline. */
export const connectShared: LibvirtAdapter['connectShared'] = async ({ uri, lifeline: path, signal }) => {
  throwIfAborted(signal);
  const lifeline = await makeLifeline(path, signal);
  const virsh = await startOn(lifeline, uri, signal);
  const end = async () => {
    await virsh.close();
    await lifeline.writeEnd.close();
  };
  const hypervisor = await hypervisorOf(virsh).catch(async (error) => {
    await end();
    throw error;
  });
  return {
    hypervisor,
    ended: virsh.ended,
    async leave() {
      virsh.letGo();
      await lifeline.writeEnd.close();
    },
    end,
  };
};

async function startOn({ readEnd, writeEnd }: NewLifeline, uri: string, signal: AbortSignal | undefined): Promise<Virsh> {
  const input = writeEnd.createWriteStream({ autoClose: false });
  input.on('error', () => {}); // EPIPE: virsh has ended, which `ended` tells
  const virsh = new Virsh(uri, signal, { process: startVirsh(uri, { stdin: readEnd.fd, env: noHistory }), input });
  await readEnd.close();
  return virsh;
}
