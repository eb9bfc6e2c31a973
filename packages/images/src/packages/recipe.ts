import { type BaseRequest, toRequest } from '../cache/layout.js';
import { readableFile } from '../path/readable-file.js';
import type { PackagesSource } from '../schema.js';
import { renderSources } from './apt/render-sources.js';
import { resolveSources } from './apt/resolve-sources.js';
import { type Architecture, hostArchitecture } from './architecture.js';
import { packagesOf } from './base-packages.js';

/** Raised whenever the same packages would give another disk: hooks, options, the file system. */
const recipeVersion = 1;

/** Everything that decides what a base from packages holds. */
export interface Recipe {
  /** For people: `debian bookworm from packages`. */
  readonly name: string;
  readonly suite: string;
  readonly architecture: Architecture;
  /** The lines of sources.list. */
  readonly sources: readonly string[];
  readonly packages: readonly string[];
  /** Keyring files that no package of the guest brings. */
  readonly foreignKeyrings: readonly string[];
}

export async function toRecipe(source: PackagesSource): Promise<Recipe> {
  const { distribution, suite, include } = source;
  if (source.keyring !== undefined) await readableFile(source.keyring, 'base.packages.keyring');
  const architecture = hostArchitecture();
  const components = source.components ?? (distribution === 'ubuntu' ? ['main', 'universe'] : ['main']);
  const entries = await resolveSources(source, { distribution, suite, components, architecture: architecture.name });
  const keyrings = new Set(entries.flatMap(({ signedBy }) => signedBy ?? []));
  return {
    ...{ name: `${suite} from packages`, suite, architecture },
    sources: renderSources(entries, architecture.name),
    packages: packagesOf(distribution, suite, architecture, include),
    foreignKeyrings: [...keyrings].filter((path) => !path.startsWith(`/usr/share/keyrings/${distribution}-archive-`)),
  };
}

export function requestOf({ suite, architecture, sources, packages }: Recipe): BaseRequest {
  return toRequest({ recipeVersion, suite, architecture: architecture.name, sources, packages });
}
