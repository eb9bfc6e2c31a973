import { messageOf } from '@katavm/core';
import type { Context } from '../context/context.js';
import { tryTemplates } from '../template/try-templates.js';
import { type Finding, ok, warning } from './finding.js';

/** Whether clones can start from a memory image here (`start: template`): tried on a guest without a system, which is gone afterwards. */
export async function checkTemplates(context: Context, uri: string): Promise<Finding> {
  const check = 'templates';
  try {
    await tryTemplates(context, uri);
    return ok(check, 'a memory image was taken and restored');
  } catch (error) {
    const found = `no memory image can be taken or restored, so "start: template" boots: ${messageOf(error)}`;
    return warning(
      check,
      found,
      'where AppArmor or SELinux confines QEMU, it needs a rule: see "start" in docs/configuration.md',
    );
  }
}
