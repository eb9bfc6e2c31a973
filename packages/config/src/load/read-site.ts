import { dirname, isAbsolute, resolve } from 'node:path';
import { ExitCode, KatavmError } from '@katavm/core';
import type { ResolvedSurroundings } from '../find/config-folders.js';
import { isFile } from '../find/is-file.js';
import { absolutePath } from '../layers/absolute-path.js';
import type { Layer } from '../layers/layer.js';
import { isMapping, type Mapping, mapValues } from '../layers/tree.js';
import { normaliseLayer } from '../schema/normalise.js';
import { type SiteModules, siteSchema } from '../schema/site-schema.js';
import type { SiteSettings } from '../vm-config.js';
import { checkVersion } from './check-version.js';
import { type LayerReading, readLayerFile } from './read-layer-file.js';

const defaultSiteFile = '/etc/katavm/site.yaml';

export interface Site {
  readonly settings: SiteSettings;
  /** Its layers over a config, lowest first: what it says for all, then what it says for this one. */
  layersFor(config: string): Layer[];
  /** For `cloudConfig` and `modules`. */
  readonly own: Layer | undefined;
}

const noSite: Site = { settings: { modules: {} }, layersFor: () => [], own: undefined };

/**
 * The site file: `$KATAVM_SITE`, else /etc/katavm/site.yaml if it is there. An empty `KATAVM_SITE` means that there is none.
 *
 * @throws KATAVM_SITE_NOT_FOUND when `$KATAVM_SITE` names a file that is absent.
 */
export async function readSite({ cwd, env, home }: ResolvedSurroundings): Promise<Site> {
  if (env.KATAVM_SITE === '') return noSite;
  const file = env.KATAVM_SITE === undefined ? defaultSiteFile : absolutePath(env.KATAVM_SITE, cwd, home);
  if (!(await isFile(file))) {
    if (env.KATAVM_SITE === undefined) return noSite;
    throw siteNotFound(file);
  }
  const own = await readLayerFile({ file, subject: 'the site file', schema: siteSchema, before: checkSiteVersion });
  const normalised = (value: Mapping) => normaliseLayer(value, dirname(file), home);
  const { cloudConfig, modules, configs, ...forAll } = own.value;
  return {
    own,
    settings: {
      file,
      modules: absoluteModules(modules, dirname(file)),
      ...(isMapping(cloudConfig) ? { cloudConfig } : {}),
    },
    layersFor(config) {
      const forOne = isMapping(configs) && Object.hasOwn(configs, config) ? configs[config] : undefined;
      const shared: Layer = { value: normalised(forAll), place: own.place };
      if (!isMapping(forOne)) return [shared];
      return [shared, { value: normalised(forOne), place: (path) => own.place(['configs', config, ...path]) }];
    },
  };
}

const checkSiteVersion: LayerReading['before'] = (value, place) => {
  if (value.version !== undefined && value.version !== null) checkVersion(value, place, 'the site file');
};

/** A path is relative to the site file; anything else is a package, to be looked for from the site file's folder. */
function absoluteModules(modules: unknown, directory: string): SiteModules {
  const given = Object.entries((modules ?? {}) as Mapping).filter(([, specifier]) => typeof specifier === 'string');
  return mapValues(Object.fromEntries(given), (specifier) => {
    const text = String(specifier);
    return /^\.{1,2}\//.test(text) || isAbsolute(text) ? resolve(directory, text) : text;
  });
}

function siteNotFound(file: string): KatavmError {
  return new KatavmError({
    code: 'KATAVM_SITE_NOT_FOUND',
    message: `there is no site file at ${file}, which KATAVM_SITE names`,
    hint: 'mend KATAVM_SITE, or set it to the empty string to work without a site file',
    exitCode: ExitCode.usage,
  });
}
