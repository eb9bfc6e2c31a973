import type { VmConfig } from '@katavm/config';
import { messageOf } from '@katavm/core';
import type { Context } from '../context/context.js';
import type { Generation } from '../state/generations.js';
import { takeTemplate } from './take-template.js';

/** Takes the template that a config with `start: template` asks for. The master is there; that its template is not is a notice. */
export async function takeTemplateForBuild(
  context: Context,
  config: VmConfig,
  generation: Generation,
  signal: AbortSignal,
): Promise<void> {
  if (config.start !== 'template') return;
  try {
    await takeTemplate(context, { config, generation, force: false }, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    const message = `the master is built, but no memory image could be taken of it, so its clones boot: ${messageOf(error)}`;
    context.emit({ type: 'notice', level: 'warning', code: 'KATAVM_TEMPLATE_FAILED', message });
  }
}
