import { javaMissing, javaPrints, javaTooOld } from './failures.js';
import { type Java, type JavaNeed, type JavaRecord, majorOf } from './java-record.js';

export interface WantedJava {
  /** What starts the agent: a name, or a path. */
  readonly program: string;
  /** Nothing where nobody knows. */
  readonly need: JavaNeed | undefined;
}

/** A master, as far as its Java concerns. */
export interface MasterOfJava {
  readonly config: string;
  readonly generation: string;
  /** Absent: it was built before katavm looked. */
  readonly java?: JavaRecord | undefined;
}

/**
 * Compares what the agent needs with what the master's build found. Costs nothing. A program of which the record says nothing passes: the
 * guest itself is asked for it before the agent starts.
 *
 * @throws KATAVM_AGENT_JAVA_MISSING, KATAVM_AGENT_JAVA_PRINTS, KATAVM_AGENT_JAVA_OLD
 */
export function assertJava({ java: record, ...master }: MasterOfJava, { program, need }: WantedJava): void {
  const found = record?.find((each) => each.program === program) ?? record?.find((each) => each.path === program);
  if (record === undefined || found === undefined) return;
  const others = record.filter((each) => each !== found && isFit(each, need));
  if (found.path === undefined) throw javaMissing(program, master, others[0]?.path);
  if (found.prints !== undefined) throw javaPrints(program, master, found.prints);
  const has = found.version && majorOf(found.version);
  if (need && has && has < need.major)
    throw javaTooOld({ program, version: found.version, need, master, config: master.config, fit: others[0]?.path });
}

function isFit({ path, version = '', prints }: Java, need: JavaNeed | undefined): boolean {
  return path !== undefined && prints === undefined && (majorOf(version) ?? 0) >= (need?.major ?? 1);
}
