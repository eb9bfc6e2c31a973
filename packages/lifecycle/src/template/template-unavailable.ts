import { KatavmError } from '@katavm/core';

/** Why a clone cannot come from a template; it boots then. */
export function templateUnavailable(why: string, config: string): KatavmError {
  return new KatavmError({
    code: 'KATAVM_TEMPLATE_UNAVAILABLE',
    message: why,
    hint: `take it anew: katavm master template ${config}`,
  });
}

export function templateAltered(config: string, name: string, what: string): KatavmError {
  return new KatavmError({
    code: 'KATAVM_TEMPLATE_ALTERED',
    message: `the memory image ${name} of ${config} is not what was taken: ${what}`,
    hint: `it is not used any more; take it anew: katavm master template ${config}`,
    details: { config, template: name },
  });
}
