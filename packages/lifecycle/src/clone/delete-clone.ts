import { access, rm } from 'node:fs/promises';
import { hasCode, trackStep, type VmName } from '@katavm/core';
import type { Context } from '../context/context.js';
import { readCloneRecord } from '../state/clone-record.js';

/**
 * Removes a clone's domain, overlay, identity, console and record, and nothing else. Idempotent.
 *
 * @param uri The connection to look on where the clone's own record is gone.
 * @returns false where there was nothing.
 */
export async function deleteClone(context: Context, name: VmName, uri: string, signal?: AbortSignal): Promise<boolean> {
  const directory = context.state.clone(name);
  // A record that cannot be read must not keep the clone from being deleted.
  const record = await readCloneRecord(context.state, name).catch(() => undefined);
  const { hypervisor, domain } = await findDomain(context, name, record?.uri ?? uri, signal);
  const ours = domain?.metadata.home === context.state.home;
  if (!record && !ours && !(await exists(directory))) return false;
  await trackStep(context.emit, 'delete', name, async () => {
    if (ours) await hypervisor.remove(name);
    await rm(directory, { recursive: true, force: true });
  });
  return true;
}

/** A libvirt that was restarted while a job ran has broken the job's connection, and is there again. */
async function findDomain(context: Context, name: VmName, uri: string, signal?: AbortSignal) {
  const look = async () => {
    const hypervisor = await context.connect(uri, signal);
    return { hypervisor, domain: await hypervisor.find(name) };
  };
  try {
    return await look();
  } catch (error) {
    if (!hasCode(error, 'KATAVM_LIBVIRT_UNREACHABLE')) throw error;
    await context.disconnect(uri);
    return look();
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
