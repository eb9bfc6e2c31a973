import { randomUUID } from 'node:crypto';
import type { Seed } from '@katavm/cloudinit';
import type { VmConfig } from '@katavm/config';
import type { Context } from '../context/context.js';

/** The guest installs its own part from the identity disk before cloud-init's SSH module and sshd run. */
const installGuestPart = ['sh', '-c', 'tar -xOf /dev/disk/by-id/virtio-katavm-identity install.sh | sh'];

/**
 * The seed of a build, checked as far as it can be without booting anything.
 *
 * @throws KATAVM_USER_DATA_* with file and line.
 */
export async function composeSeed(context: Context, config: VmConfig, signal: AbortSignal): Promise<Seed> {
  const { cloudinit } = context.adapters;
  const { userDataFile, networkConfigFile } = config.cloudInit;
  const own = userDataFile === undefined ? undefined : await cloudinit.readUserData(userDataFile);
  const seed = cloudinit.compose({
    own,
    user: config.guest.user,
    hostname: config.guest.hostname,
    instanceId: `katavm-${randomUUID()}`,
    proxy: config.proxy,
    site: config.site.cloudConfig,
    networkConfig: networkConfigFile === undefined ? undefined : await cloudinit.readNetworkConfig(networkConfigFile),
    bootCommands: [installGuestPart],
  });
  await cloudinit.checkWithHost(seed, { signal, emit: context.emit });
  return seed;
}
