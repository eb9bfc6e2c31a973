import { ExitCode, KatavmError } from '@katavm/core';
import { readYaml, validate, type YamlDocument } from '@katavm/core/document';
import type { CloudConfig, UserData } from '../adapter.js';
import { describeValue, isMapping } from '../cloud-config/kinds.js';
import { cloudConfigSchema } from '../cloud-config/schema.js';
import { otherFormat } from './formats.js';
import { readText } from './read-text.js';
import { fitValuesSchema } from './unfit-values.js';

/**
 * Reads a config's user-data and validates it, so that nothing boots for a mistake that can be seen now.
 *
 * Top-level keys that begin with `x-` are dropped: they are a place for YAML anchors.
 *
 * @throws KATAVM_USER_DATA_MISSING, KATAVM_USER_DATA_NOT_CLOUD_CONFIG, KATAVM_USER_DATA_NOT_YAML and KATAVM_USER_DATA_INVALID, with
 * the file and the line, exit code 2.
 */
export async function readUserData(file: string): Promise<UserData> {
  const text = await readText({
    file,
    what: 'user-data',
    missing: 'KATAVM_USER_DATA_MISSING',
    notText: 'KATAVM_USER_DATA_NOT_CLOUD_CONFIG',
  });
  const other = otherFormat(text);
  if (other) throw notCloudConfig(`${file}:1 is not a cloud-config: it ${other.problem}`, other.hint, file);
  const document = readYaml(text, { file, version: '1.1', code: 'KATAVM_USER_DATA_NOT_YAML' });
  return { value: checked(document), file, lineOf: document.lineOf };
}

function checked({ value, file, lineOf }: YamlDocument): CloudConfig {
  if (value === null) return {}; // the first line alone: a config that adds nothing
  if (!isMapping(value)) {
    const problem = `${file} is not a cloud-config: below its first line stands ${describeValue(value)}, not keys and values`;
    throw notCloudConfig(problem, 'write it as "packages: [jq]", one key of cloud-init to a line', file);
  }
  const config = Object.fromEntries(Object.entries(value).filter(([key]) => !key.startsWith('x-')));
  for (const schema of [fitValuesSchema, cloudConfigSchema]) {
    validate({
      value: config,
      schema,
      place: (path) => `${file}:${lineOf(path)}`,
      subject: `user-data ${file}`,
      code: 'KATAVM_USER_DATA_INVALID',
    });
  }
  return config;
}

function notCloudConfig(message: string, hint: string, file: string): KatavmError {
  return new KatavmError({
    code: 'KATAVM_USER_DATA_NOT_CLOUD_CONFIG',
    message,
    hint,
    exitCode: ExitCode.usage,
    details: { file },
  });
}
