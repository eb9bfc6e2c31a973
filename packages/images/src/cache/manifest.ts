import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from '@katavm/core/schema';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const manifestSchema = z.object({
  version: z.literal(1),
  /** What a person asked for, as `PreparedBase.origin`. */
  origin: z.string(),
  created: z.string(),
  disk: z.string().regex(/^disk\.(qcow2|raw)$/),
  format: z.enum(['qcow2', 'raw']),
  virtualSizeBytes: z.number().int().positive(),
  /** Files named kernel and initrd lie beside the disk where a command line is given. */
  commandLine: z.string().optional(),
  /** Digests of all files of the entry: what is verified at each use. */
  files: z.record(z.string().regex(/^[\w.-]+$/), sha256),
  /** For people: the packages' sources and names, or the download's digest. */
  about: z.record(z.string(), z.unknown()),
});

/** base.json: written last, so that an entry that has one is whole. */
export type BaseManifest = z.infer<typeof manifestSchema>;

/** `undefined` where there is none, or none that this version can read. */
export async function readManifest(directory: string): Promise<BaseManifest | undefined> {
  try {
    return manifestSchema.parse(JSON.parse(await readFile(join(directory, 'base.json'), 'utf8')));
  } catch {
    return undefined;
  }
}
