import { readFile } from 'node:fs/promises';
import { ExitCode, KatavmError, messageOf, systemErrorCode } from '@katavm/core';
import { type Path, readYaml, validate } from '@katavm/core/document';
import type { z } from '@katavm/core/schema';
import type { Layer } from '../layers/layer.js';
import { isMapping, type Mapping } from '../layers/tree.js';

export interface LayerReading {
  readonly file: string;
  /** For messages: `config debian12`. */
  readonly subject: string;
  readonly schema: z.ZodType;
  /** Looks at the document before the schema does. */
  readonly before: (value: Mapping, place: (path: Path) => string) => void;
}

/**
 * A layer's file as it is written: checked for its shape, its paths not yet absolute.
 *
 * @throws KATAVM_CONFIG_UNREADABLE, KATAVM_YAML_INVALID, KATAVM_CONFIG_INVALID, KATAVM_CONFIG_UNKNOWN_KEY.
 */
export async function readLayerFile({ file, subject, schema, before }: LayerReading): Promise<Layer> {
  const document = readYaml(await readText(file, subject), { file });
  const place = (path: Path) => `${file}:${document.lineOf(path)}`;
  // An empty file is a mapping without keys.
  const written = document.value ?? {};
  if (isMapping(written)) before(written, place);
  validate({
    value: written,
    schema,
    place,
    subject,
    code: 'KATAVM_CONFIG_INVALID',
    unknownKeyCode: 'KATAVM_CONFIG_UNKNOWN_KEY',
  });
  return { place, value: written as Mapping };
}

async function readText(file: string, subject: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
    throw new KatavmError({
      code: 'KATAVM_CONFIG_UNREADABLE',
      message: `${subject}: ${file} cannot be read: ${messageOf(error)}`,
      hint: 'check that the file is there and that this user may read it',
      exitCode: ExitCode.usage,
      cause: error,
    });
  }
}
