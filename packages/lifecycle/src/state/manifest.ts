import { z } from '@katavm/core/schema';
import { javaRecordSchema } from '../agent/java-record.js';

const file = z.strictObject({
  /** Name within the generation's folder. */
  file: z.string(),
  sha256: z.string(),
  bytes: z.number(),
});

/** manifest.json: what a generation is. Nothing in it names the host that built it, so that it can travel. */
export const manifestSchema = z.strictObject({
  version: z.literal(1),
  config: z.string(),
  generation: z.string(),
  /** ISO 8601, UTC. Also the disk's modification time: any later write shows. */
  created: z.string(),
  /** Digest of everything that went into the build. */
  inputDigest: z.string(),
  base: z.strictObject({ origin: z.string(), sha256: z.string() }),
  disk: file.extend({ virtualSizeBytes: z.number() }),
  boot: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('disk') }),
    z.strictObject({ kind: z.literal('kernel'), kernel: file, initrd: file.optional(), commandLine: z.string() }),
  ]),
  guest: z.strictObject({ user: z.string(), hostname: z.string() }),
  /** What the agent finds. Absent in masters of katavm before it looked. */
  java: javaRecordSchema.optional(),
  /** How cloud-init ended: `done` or `degraded`. */
  cloudInit: z.string(),
  katavm: z.string(),
});

export type Manifest = z.infer<typeof manifestSchema>;
export type ManifestFile = z.infer<typeof file>;
