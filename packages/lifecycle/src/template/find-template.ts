import type { Context } from '../context/context.js';
import { listTemplateNames, readTemplate, type Template } from './template-folder.js';
import { keyDifferences, keyDigest, type TemplateKey } from './template-key.js';
import { templateUnavailable } from './template-unavailable.js';

/** The folder's name of a template with this key. */
export function templateName(key: TemplateKey): string {
  return `${key['generation']}-${keyDigest(key)}`;
}

/**
 * The template that fits.
 *
 * @throws KATAVM_TEMPLATE_UNAVAILABLE, which says in what the one that is there differs.
 */
export async function findTemplate({ state }: Context, config: string, key: TemplateKey): Promise<Template> {
  const found = await readTemplate(state, config, templateName(key));
  if (found) return found;
  const generation = key['generation'] ?? '';
  for (const name of await listTemplateNames(state, config)) {
    const other = name.startsWith(`${generation}-`) ? await readTemplate(state, config, name) : undefined;
    if (!other) continue;
    throw templateUnavailable(`the memory image does not fit: ${keyDifferences(key, other.record.key).join('; ')}`, config);
  }
  throw templateUnavailable(`there is no memory image of generation ${generation}`, config);
}
