import { join } from 'node:path';
import { validate } from '@katavm/core/document';
import { resolveSurroundings, type Surroundings } from '../find/config-folders.js';
import { findConfig } from '../find/find-config.js';
import { isFile } from '../find/is-file.js';
import type { FoundConfig } from '../find/list-configs.js';
import { mergeLayers, valuesOf } from '../layers/merge.js';
import { originsOf } from '../layers/origins.js';
import { configSchema, type Settings } from '../schema/config-schema.js';
import { goTogether } from '../schema/fragment.js';
import type { VmConfig } from '../vm-config.js';
import { assemble } from './assemble.js';
import { checkFiles } from './check-files.js';
import { readConfigLayers } from './read-config-layers.js';
import { readSite } from './read-site.js';

export interface LoadConfigInput extends Surroundings {
  /** A config's name, or the path of its folder. */
  readonly nameOrPath: string;
}

/**
 * Finds, reads and checks a config: the defaults, below what katavm.yaml extends, below katavm.yaml, below the
 * site file. Touches nothing but these files.
 *
 * @throws KATAVM_CONFIG_NOT_FOUND (exit code 4); all others have exit code 2: KATAVM_CONFIG_NAME_INVALID,
 * KATAVM_CONFIG_UNREADABLE, KATAVM_YAML_INVALID, KATAVM_CONFIG_VERSION, KATAVM_CONFIG_UNKNOWN_KEY, KATAVM_CONFIG_INVALID,
 * KATAVM_CONFIG_FILE_MISSING, KATAVM_CONFIG_EXTENDS_CYCLE, KATAVM_SITE_NOT_FOUND.
 */
export async function loadConfig({ nameOrPath, ...surroundings }: LoadConfigInput): Promise<VmConfig> {
  const around = resolveSurroundings(surroundings);
  const found = await findConfig(nameOrPath, around);
  const subject = `config ${found.name}`;
  const [{ all, own }, site] = await Promise.all([readConfigLayers(found, subject, around), readSite(around)]);
  const layers = [...all, ...site.layersFor(found.name)];

  const tree = mergeLayers(layers, (path, keys) => goTogether(configSchema, path, keys));
  const origins = originsOf(tree, layers, own);
  const settings = await withUserData(
    validate({ value: valuesOf(tree), schema: configSchema, place: origins.place, subject, code: 'KATAVM_CONFIG_INVALID' }),
    found,
  );

  await checkFiles(settings, origins, subject);
  return assemble({ found, settings, site, origins, around });
}

/** Also where a layer took `cloudInit.userData` back: it is then as good as absent. */
async function withUserData(settings: Settings, { directory }: FoundConfig): Promise<Settings> {
  const file = join(directory, 'user-data');
  if (settings.cloudInit.userData !== undefined || !(await isFile(file))) return settings;
  return { ...settings, cloudInit: { ...settings.cloudInit, userData: file } };
}
