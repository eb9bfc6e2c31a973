import type { VmConfig } from '@katavm/config';
import { ExitCode, KatavmError } from '@katavm/core';
import { completeBaseImage as completeBuild } from '../build/build-master.js';
import { findInstalledBuild } from '../build/prepare-build.js';
import type { Context } from '../context/context.js';
import { findCurrent } from '../state/generations.js';
import { type Plan, planOf, type StepOptions } from './plan.js';

export interface CompleteBaseImageInput extends StepOptions {
  readonly config: VmConfig;
}

export interface CompleteBaseImageResult {
  readonly config: string;
  readonly generation: string;
  readonly directory: string;
  /** False where there was nothing to complete and a master is there. */
  readonly completed: boolean;
}

/** Step 3: files, commands and checks, seal, power off, freeze. @throws KATAVM_NOTHING_TO_COMPLETE, KATAVM_COMPLETION_*, KATAVM_SEAL_FAILED */
export async function completeBaseImage(
  context: Context,
  input: CompleteBaseImageInput,
  signal: AbortSignal,
): Promise<CompleteBaseImageResult | Plan> {
  const { config } = input;
  const { files, commands, checks } = config.complete;
  const pending = await findInstalledBuild(context, config.name);
  const existing = await findCurrent(context.state, config.name);
  if (!pending && !existing) throw nothingToComplete(config.name);
  if (input.dryRun && pending) {
    return planOf(
      ['copy the disk of step 2', pending.build.generation],
      ['boot build VM', pending.build.generation],
      ...files.map((file) => ['put file', file.target] as const),
      ...commands.map((command) => ['run', command.run] as const),
      ...checks.map((check) => ['check', check.run] as const),
      ['seal, power off and freeze', context.state.generation(config.name, pending.build.generation)],
    );
  }
  if (input.dryRun) return planOf();
  const completed = await completeBuild(context, config, signal);
  const generation = completed ?? (await findCurrent(context.state, config.name));
  if (!generation) throw nothingToComplete(config.name);
  const { manifest, directory } = generation;
  return { config: config.name, generation: manifest.generation, directory, completed: completed !== undefined };
}

function nothingToComplete(config: string): KatavmError {
  return new KatavmError({
    code: 'KATAVM_NOTHING_TO_COMPLETE',
    message: `there is no build of "${config}" to complete`,
    hint: `katavm build-base-image ${config}`,
    exitCode: ExitCode.notFound,
  });
}
