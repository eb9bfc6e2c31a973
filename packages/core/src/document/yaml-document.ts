import { CORE_SCHEMA, constructFromEvents, parseEvents, type Schema, YAML11_SCHEMA, YAMLException } from 'js-yaml';
import { messageOf } from '../errors/describe.js';
import { ExitCode } from '../errors/exit-codes.js';
import { type ErrorCode, KatavmError } from '../errors/katavm-error.js';
import { type LineOf, locateLines } from './locate-lines.js';

/** A parsed YAML file that still knows on which line each of its values stands. */
export interface YamlDocument {
  readonly file: string;
  readonly value: unknown;
  /** The 1-based line of the value at this path, or of its nearest ancestor that is written in the file. */
  readonly lineOf: LineOf;
}

export interface YamlReading {
  /** The path to name in errors. */
  readonly file: string;
  /** `1.1` for files that PyYAML reads too (cloud-init's): `yes` is a boolean there, `0644` octal. Default `1.2`. */
  readonly version?: '1.1' | '1.2';
  /** The code of the error for text that is not YAML. Default `KATAVM_YAML_INVALID`. */
  readonly code?: ErrorCode;
}

const schemas: Record<'1.1' | '1.2', Schema> = { '1.1': YAML11_SCHEMA, '1.2': CORE_SCHEMA };

/**
 * Parses one YAML document. An empty file is `null`.
 *
 * @throws KATAVM_YAML_INVALID (or `reading.code`) with file, line and column.
 */
export function readYaml(text: string, reading: YamlReading): YamlDocument {
  const schema = schemas[reading.version ?? '1.2'];
  try {
    const events = parseEvents(text, { filename: reading.file });
    const documents = constructFromEvents(events, { source: text, schema, filename: reading.file });
    if (documents.length > 1) throw new Error('it holds more than one document ("---" in the middle)');
    return { file: reading.file, value: documents[0] ?? null, lineOf: locateLines(events, text) };
  } catch (error) {
    throw notYaml(error, reading);
  }
}

function notYaml(error: unknown, reading: YamlReading): KatavmError {
  const mark = error instanceof YAMLException ? error.mark : undefined;
  const place = mark ? `${reading.file}:${mark.line + 1}:${mark.column + 1}` : reading.file;
  const reason = error instanceof YAMLException ? error.reason : messageOf(error);
  return new KatavmError({
    code: reading.code ?? 'KATAVM_YAML_INVALID',
    message: `${place} is not valid YAML: ${reason}`,
    hint: mark?.snippet
      ? `look at:\n${mark.snippet}`
      : 'check the indentation, and quote strings that hold ": " or start with a special character',
    exitCode: ExitCode.usage,
    details: { file: reading.file, line: mark && mark.line + 1 },
  });
}
