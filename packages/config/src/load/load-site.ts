import { resolveSurroundings, type Surroundings } from '../find/config-folders.js';
import type { SiteSettings } from '../vm-config.js';
import { readSite } from './read-site.js';

/**
 * What this host's site file says for all configs: for commands that name none.
 *
 * @throws KATAVM_SITE_NOT_FOUND, KATAVM_CONFIG_UNKNOWN_KEY, KATAVM_CONFIG_INVALID, KATAVM_YAML_INVALID; exit code 2.
 */
export async function loadSite(surroundings: Surroundings = {}): Promise<SiteSettings> {
  return (await readSite(resolveSurroundings(surroundings))).settings;
}
