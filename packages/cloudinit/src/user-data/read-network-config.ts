import { readYaml, validate } from '@katavm/core/document';
import { z } from '@katavm/core/schema';
import type { CloudConfig } from '../adapter.js';
import { readText } from './read-text.js';

const code = 'KATAVM_NETWORK_CONFIG_INVALID';

const version1 = z.looseObject({ version: z.literal(1), config: z.union([z.array(z.unknown()), z.literal('disabled')]) });
const version2 = z.looseObject({ version: z.literal(2) });
const network = z.discriminatedUnion('version', [version1, version2], {
  error: 'must have version: 1 (with config) or version: 2',
});

/**
 * Reads a network-config, versions 1 and 2, also below a `network:` key as netplan writes it. Its details are for cloud-init.
 *
 * @throws KATAVM_NETWORK_CONFIG_INVALID with the file and the line, exit code 2.
 */
export async function readNetworkConfig(file: string): Promise<CloudConfig> {
  const text = await readText({ file, what: 'network-config', missing: code, notText: code });
  const { value, lineOf } = readYaml(text, { file, version: '1.1', code });
  const nested = typeof value === 'object' && value !== null && 'network' in value;
  validate({
    value: nested ? value.network : value,
    schema: network,
    place: (path) => `${file}:${lineOf(nested ? ['network', ...path] : path)}`,
    subject: `network-config ${file}`,
    code,
  });
  return value as CloudConfig;
}
