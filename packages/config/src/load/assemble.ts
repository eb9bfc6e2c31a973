import { join } from 'node:path';
import { parseDuration, toVmName } from '@katavm/core';
import type { Path } from '@katavm/core/document';
import { defaultUri } from '@katavm/libvirt';
import type { ResolvedSurroundings } from '../find/config-folders.js';
import type { FoundConfig } from '../find/list-configs.js';
import type { Origins } from '../layers/origins.js';
import type { Settings } from '../schema/config-schema.js';
import { domainNetwork } from '../schema/network.js';
import { fillIn, type Variables } from '../schema/variables.js';
import type { GuestCommand, VmConfig } from '../vm-config.js';
import type { Site } from './read-site.js';

export interface Parts {
  readonly found: FoundConfig;
  readonly settings: Settings;
  readonly site: Site;
  readonly origins: Origins;
  readonly around: ResolvedSurroundings;
}

/** The settings in the shape that the steps use: variables filled in, and the defaults that depend on something. */
export function assemble({ found, settings, site, origins, around }: Parts): VmConfig {
  const { base, vm, guest, cloudInit, complete, start, pool, isolation, agent, keys, proxy } = settings;
  const hostname = guest.hostname ?? toVmName(found.name, '-master');
  const variables: Variables = { hostname, config: found.name, user: guest.user };
  const filled = (command: GuestCommand): GuestCommand => ({ ...command, run: fillIn(command.run, variables) });
  return {
    ...found,
    base,
    vm: { ...vm, network: domainNetwork(vm.network), uri: vm.uri ?? defaultUri(around.env) },
    guest: { user: guest.user, hostname, tmp: guest.tmp },
    cloudInit: {
      userDataFile: cloudInit.userData,
      networkConfigFile: cloudInit.networkConfig,
      timeout: parseDuration(cloudInit.timeout),
    },
    complete: {
      files: complete.files.map((file) => ({
        ...file,
        target: fillIn(file.target, variables),
        targetTemplate: file.target,
        owner: fillIn(file.owner, variables),
      })),
      commands: complete.commands.map(filled),
      checks: complete.checks.map(filled),
    },
    start,
    pool,
    isolation,
    agent: { ...agent, jar: agent.jar ?? join(around.home, 'bin', 'agent.jar') },
    keys,
    ...(proxy === undefined ? {} : { proxy }),
    site: site.settings,
    origins: withSources(origins, site, around),
  };
}

/** What stands in the site file alone, and what the environment gives. */
function withSources(origins: Origins, { own }: Site, { env }: ResolvedSurroundings): Origins {
  const ownPlace = (path: Path) => (path[0] === 'cloudConfig' || path[0] === 'modules' ? own?.place(path) : undefined);
  const ofEnvironment = (path: Path) => path.join('.') === 'vm.uri' && env.LIBVIRT_DEFAULT_URI;
  const of = (path: Path) => {
    const origin = ownPlace(path) ?? origins.of(path);
    return origin === 'default' && ofEnvironment(path) ? '$LIBVIRT_DEFAULT_URI' : origin;
  };
  return { of, place: (path) => ownPlace(path) ?? origins.place(path) };
}
