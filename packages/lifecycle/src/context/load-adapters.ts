import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ExitCode, KatavmError, messageOf } from '@katavm/core';
import type { Adapters } from './context.js';

/** Which package each adapter comes from where the site file names no other. */
const defaults: Record<keyof Adapters, () => Promise<{ readonly adapter: unknown }>> = {
  keys: () => import('@katavm/keys'),
  cloudinit: () => import('@katavm/cloudinit'),
  images: () => import('@katavm/images'),
  libvirt: () => import('@katavm/libvirt'),
  ssh: () => import('@katavm/ssh-agent-runner'),
};

/** `modules` of the site file: an adapter's name to a package or an absolute path. */
export interface SiteModules {
  /** The site file; packages are looked for from its folder. */
  readonly file: string | undefined;
  readonly modules: Readonly<Record<string, string | undefined>>;
}

/**
 * The five adapters, those that the site file names loaded from there.
 *
 * @param needed Loads these alone: a program that needs a few of them starts sooner, and takes less memory.
 * @throws KATAVM_SITE_MODULE_UNUSABLE when a named module cannot be loaded, or exports no `adapter` with all that katavm's own has.
 */
export async function loadAdapters(site: SiteModules, needed = Object.keys(defaults) as (keyof Adapters)[]): Promise<Adapters> {
  const loaded = await Promise.all(needed.map(async (name) => [name, await loadAdapter(name, site)] as const));
  return Object.fromEntries(loaded) as unknown as Adapters;
}

async function loadAdapter(name: keyof Adapters, site: SiteModules): Promise<unknown> {
  const ours = (await defaults[name]()).adapter as Record<string, unknown>;
  const specifier = site.modules[name];
  if (specifier === undefined) return ours;
  const theirs = await importSiteModule(name, specifier, site.file);
  const missing = Object.keys(ours).filter((key) => kindOf(theirs[key]) !== kindOf(ours[key]));
  if (missing.length === 0) return theirs;
  throw unusable(name, specifier, `its "adapter" lacks ${missing.join(', ')}`);
}

/** An adapter has functions, and lists such as cloudinit's `proxyFiles`. */
function kindOf(value: unknown): string {
  return Array.isArray(value) ? 'list' : typeof value;
}

async function importSiteModule(name: string, specifier: string, siteFile: string | undefined): Promise<Record<string, unknown>> {
  try {
    const module = (await import(await locate(specifier, siteFile))) as { adapter?: unknown };
    if (typeof module.adapter === 'object' && module.adapter !== null) return module.adapter as Record<string, unknown>;
  } catch (error) {
    throw unusable(name, specifier, messageOf(error), error);
  }
  throw unusable(name, specifier, 'it exports no object named "adapter"');
}

/** As `import` in the site file would find it: `require.resolve` does not see what a package exports to `import` alone. */
async function locate(specifier: string, siteFile: string | undefined): Promise<string> {
  if (isAbsolute(specifier)) return pathToFileURL(specifier).href;
  const { resolve } = await import('import-meta-resolve'); // here: most sites name no module, and every command starts with this file
  return resolve(specifier, siteFile === undefined ? import.meta.url : pathToFileURL(siteFile).href);
}

function unusable(name: string, specifier: string, why: string, cause?: unknown): KatavmError {
  return new KatavmError({
    code: 'KATAVM_SITE_MODULE_UNUSABLE',
    message: `the site's module for ${name}, "${specifier}", cannot be used: ${why}`,
    hint: 'install it beside the site file, or mend "modules" there; docs/forking.md shows what it must export',
    exitCode: ExitCode.usage,
    cause,
  });
}
