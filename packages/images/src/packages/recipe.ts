import { type BaseRequest, toRequest } from '../cache/layout.js';
import { readableFile } from '../path/readable-file.js';
import type { PackagesSource } from '../schema.js';
import { type GuestKeyring, toGuestSources } from './apt/guest-keyrings.js';
import { renderSources } from './apt/render-sources.js';
import { resolveSources } from './apt/resolve-sources.js';
import { type Architecture, hostArchitecture } from './architecture.js';
import { packagesOf } from './base-packages.js';

/** Raised whenever the same packages would give another disk: hooks, options, the file system. */
const recipeVersion = 4;

/** Everything that decides what a base from packages holds. */
export interface Recipe {
  /** For people: `debian bookworm from packages`. */
  readonly name: string;
  readonly suite: string;
  readonly architecture: Architecture;
  /** The lines of the guest's sources.list: keyrings are where the guest has them. */
  readonly sources: readonly string[];
  /** What must be put into the guest for that. */
  readonly keyrings: readonly GuestKeyring[];
  readonly packages: readonly string[];
}

export async function toRecipe(source: PackagesSource): Promise<Recipe> {
  const { distribution, suite, include } = source;
  if (source.keyring !== undefined) await readableFile(source.keyring, 'base.packages.keyring');
  const architecture = hostArchitecture();
  const components = source.components ?? (distribution === 'ubuntu' ? ['main', 'universe'] : ['main']);
  const entries = await resolveSources(source, { distribution, suite, components, architecture: architecture.name });
  const guest = toGuestSources(entries, distribution);
  return {
    ...{ name: `${suite} from packages`, suite, architecture },
    sources: renderSources(guest.entries, architecture.name),
    keyrings: guest.keyrings,
    packages: packagesOf(distribution, suite, architecture, include),
  };
}

export function requestOf({ suite, architecture, sources, packages }: Recipe): BaseRequest {
  return toRequest({ recipeVersion, suite, architecture: architecture.name, sources, packages });
}
