import { join } from 'node:path';
import { z } from '@katavm/core/schema';
import { logsSuffix, partialSuffix } from '../state/generations.js';
import { readJson, writeJson } from '../state/json-file.js';

/** build.json of `<generation>.partial`: what step 2 leaves for step 3. */
export const partialBuildSchema = z.strictObject({
  version: z.literal(1),
  config: z.string(),
  generation: z.string(),
  created: z.string(),
  inputDigest: z.string(),
  base: z.strictObject({ origin: z.string(), sha256: z.string() }),
  boot: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('disk') }),
    z.strictObject({
      kind: z.literal('kernel'),
      kernel: z.string(),
      initrd: z.string().optional(),
      commandLine: z.string(),
    }),
  ]),
  /** The file below the build's overlay. */
  backing: z.strictObject({ path: z.string(), format: z.enum(['qcow2', 'raw']) }),
  domain: z.strictObject({ name: z.string(), uuid: z.string(), macAddress: z.string() }),
  hostKey: z.string(),
  keyPath: z.string(),
  acceleration: z.enum(['kvm', 'tcg']),
  /** `prepared`: not booted to the end of cloud-init yet. `installed`: step 2 is done. */
  phase: z.enum(['prepared', 'installed']),
  /** How cloud-init ended; with `installed`. */
  cloudInit: z.string().optional(),
});

export type PartialBuild = z.infer<typeof partialBuildSchema>;

/** The files of a build. Its logs stand beside its folder, so that a failed build, whose folder goes, leaves them. */
export function partialFiles(directory: string) {
  const logs = directory.slice(0, -partialSuffix.length) + logsSuffix;
  return {
    record: join(directory, 'build.json'),
    disk: join(directory, 'build.qcow2'),
    /** What step 3 works on, so that a failed attempt leaves `disk` as step 2 made it. */
    attempt: join(directory, 'attempt.qcow2'),
    identity: join(directory, 'identity.tar'),
    seed: join(directory, 'seed.iso'),
    logs,
    console: join(logs, 'console.log'),
    cloudInitLog: join(logs, 'cloud-init.log'),
    cloudInitOutput: join(logs, 'cloud-init-output.log'),
  };
}

export function readPartialBuild(directory: string): Promise<PartialBuild | undefined> {
  return readJson(partialFiles(directory).record, partialBuildSchema);
}

export function writePartialBuild(directory: string, build: PartialBuild): Promise<void> {
  return writeJson(partialFiles(directory).record, build);
}
