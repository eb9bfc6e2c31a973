import { ExitCode, KatavmError } from '@katavm/core';
import { type Context, currentGeneration, type Generation, listGenerations } from '@katavm/lifecycle';

/** The generation that the user names, or the current one. @throws KATAVM_GENERATION_NOT_FOUND, KATAVM_MASTER_NOT_BUILT */
export async function chooseGeneration(context: Context, config: string, name: string | undefined): Promise<Generation> {
  if (name === undefined) return currentGeneration(context.state, config);
  const generations = await listGenerations(context.state, config);
  const found = generations.find(({ manifest }) => manifest.generation === name);
  if (found) return found;
  throw new KatavmError({
    code: 'KATAVM_GENERATION_NOT_FOUND',
    message: `there is no generation "${name}" of "${config}"`,
    hint: `there are: ${generations.map(({ manifest }) => manifest.generation).join(', ') || 'none'}`,
    exitCode: ExitCode.notFound,
  });
}
