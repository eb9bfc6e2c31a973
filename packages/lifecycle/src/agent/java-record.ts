import type { VmConfig } from '@katavm/config';
import { z } from '@katavm/core/schema';

/** A Java of a guest, as its master's build found it. */
const javaSchema = z.strictObject({
  /** As it is named: `agent.java`, or a path. */
  program: z.string(),
  /** Where it is, links followed. Absent: the guest has no such program. */
  path: z.string().optional(),
  /** `17.0.15`. Absent: `-version` gave none. */
  version: z.string().optional(),
  /** What it prints on stdout, where it prints anything: a JVM's `-version` does not. */
  prints: z.string().optional(),
});
export type Java = z.infer<typeof javaSchema>;

/** The first one is what `agent.java` named at the build; the guest's others follow. */
export const javaRecordSchema = z.array(javaSchema);
export type JavaRecord = z.infer<typeof javaRecordSchema>;

/** 8 for `1.8.0_402`, 17 for `17.0.15`, 21 for `21-ea`. */
export function majorOf(version: string): number | undefined {
  const [, major] = /^(?:1\.)?(\d+)/.exec(version) ?? [];
  return major === undefined ? undefined : Number(major);
}

/** What a Java must be at least, and who says so. */
export interface JavaNeed {
  readonly major: number;
  /** For messages: `Jenkins 2.555.1`. */
  readonly of: string;
}

/** The larger one. */
export function largerNeed(...needs: readonly (JavaNeed | undefined)[]): JavaNeed | undefined {
  return needs.reduce((large, need) => (need && need.major > (large?.major ?? 0) ? need : large), undefined);
}

/** What the config itself asks for. */
export function configuredNeed({ name, agent }: VmConfig): JavaNeed | undefined {
  const major = agent.javaAtLeast;
  return major === undefined ? undefined : { major, of: `agent.javaAtLeast of config "${name}"` };
}
