import { isKatavmError, messageOf } from '@katavm/core';
import type { Context } from '../context/context.js';
import { tryTemplates } from '../template/try-templates.js';
import { type Finding, failed, ok, warning } from './finding.js';

/**
 * A guest without a system is started with its disk in the home, as QEMU's own user would have to, and its memory image taken and
 * restored (`start: template`). Nothing of it stays.
 */
export async function checkTrialGuest(context: Context, uri: string): Promise<Finding[]> {
  const found = await tryTemplates(context, uri).then(
    () => undefined,
    (error: unknown) => error,
  );
  const { home } = context.state;
  if (found === undefined)
    return [ok('home', `a guest started from ${home}`), ok('templates', 'a memory image was taken and restored')];
  const closed = closedTo(found);
  if (closed) return [failed('home', messageOf(found), closed.hint), notTried];
  const reason = messageOf(found);
  const why = `no memory image can be taken or restored, so "start: template" boots: ${reason}`;
  return [warning('templates', why, hintFor(reason))];
}

/** Only where something was denied is it worth looking at who may deny it. */
function hintFor(reason: string): string {
  return /permission denied|operation not permitted/i.test(reason)
    ? 'where AppArmor or SELinux confines QEMU, it needs a rule: see "start" in docs/configuration.md'
    : "clones of such configs boot, and all else works; the reason above is QEMU's or libvirt's own: report it with both versions";
}

const notTried = warning('templates', 'not tried: no guest starts from this home', 'mend the row "home", and run this again');

/** libvirt's words for a disk that the user whom QEMU runs as cannot open; no guest starts then, by a template or without one. */
function closedTo(error: unknown) {
  return isKatavmError(error) && /Cannot access (storage|backing) file/.test(error.message) ? error : undefined;
}
