import { trackStep } from '@katavm/core';
import type { Context } from '../context/context.js';
import { removeOldRunRecords } from '../state/run-record.js';
import { collectDeadBuilds } from './collect-dead-builds.js';
import { collectDeadJobs } from './collect-dead-jobs.js';
import { collectDeadTemplates } from './collect-dead-templates.js';
import { collectOldBases } from './collect-old-bases.js';
import { collectOldGenerations } from './collect-old-generations.js';

export interface GarbageReport {
  readonly clones: readonly string[];
  readonly builds: readonly string[];
  readonly generations: readonly string[];
  /** Paths. */
  readonly bases: readonly string[];
  /** The clones of runs of which nothing is known any more. */
  readonly runs: readonly string[];
  readonly templates: readonly string[];
}

export interface CollectInput {
  /** libvirt connection URI. */
  readonly uri: string;
  /** How many generations of each master stay, the current one included. */
  readonly keepGenerations: number;
}

/** Removes everything that nobody owns any more. What carries no katavm metadata, or belongs to another home, is not touched. */
export async function collectGarbage(context: Context, input: CollectInput, signal?: AbortSignal): Promise<GarbageReport> {
  return trackStep(context.emit, 'collect garbage', undefined, async () => ({
    clones: await collectDeadJobs(context, input.uri, signal),
    builds: await collectDeadBuilds(context, input.uri, signal),
    generations: await collectOldGenerations(context, input.keepGenerations, signal),
    bases: await collectOldBases(context, signal),
    runs: await removeOldRunRecords(context.state),
    templates: await collectDeadTemplates(context, input.uri, signal),
  }));
}
