import { randomUUID } from 'node:crypto';
import type { Seed } from '@katavm/cloudinit';
import type { VmConfig } from '@katavm/config';
import type { Adapters, Context } from '../context/context.js';
import { tmpCommands } from './tmp-commands.js';

/** The guest installs its own part from the identity disk before cloud-init's SSH module and sshd run. */
const installGuestPart = ['sh', '-c', 'tar -xOf /dev/disk/by-id/virtio-katavm-identity install.sh | sh'];

/**
 * The seed of a config's build. Reads the config's files, and touches nothing else of the host.
 *
 * @param instanceId New for every build; any constant where nothing is to be booted.
 * @throws KATAVM_USER_DATA_*, KATAVM_NETWORK_CONFIG_INVALID, with file and line.
 */
export async function composeSeed(
  { cloudinit }: Pick<Adapters, 'cloudinit'>,
  config: VmConfig,
  instanceId: string,
): Promise<Seed> {
  const { userDataFile, networkConfigFile } = config.cloudInit;
  return cloudinit.compose({
    own: userDataFile === undefined ? undefined : await cloudinit.readUserData(userDataFile),
    user: config.guest.user,
    hostname: config.guest.hostname,
    instanceId,
    proxy: config.proxy,
    site: config.site.cloudConfig,
    networkConfig: networkConfigFile === undefined ? undefined : await cloudinit.readNetworkConfig(networkConfigFile),
    bootCommands: [installGuestPart, ...tmpCommands(config.guest.tmp)],
  });
}

/**
 * The same for a build that is to boot, checked as far as it can be without booting anything.
 *
 * @throws what `composeSeed` throws, and KATAVM_USER_DATA_REFUSED.
 */
export async function composeCheckedSeed(context: Context, config: VmConfig, signal: AbortSignal): Promise<Seed> {
  const seed = await composeSeed(context.adapters, config, `katavm-${randomUUID()}`);
  await context.adapters.cloudinit.checkWithHost(seed, { signal, emit: context.emit });
  return seed;
}
