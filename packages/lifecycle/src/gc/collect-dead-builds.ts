import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { acquireLock, parseVmName, throwIfAborted } from '@katavm/core';
import { buildLockName } from '../build/build-master.js';
import { discardPartial } from '../build/build-vm.js';
import { readPartialBuild } from '../build/partial-build.js';
import type { Context } from '../context/context.js';
import { listMasters, logsSuffix, partialSuffix } from '../state/generations.js';

/** A build that step 2 left for step 3, and the logs of a failed one, are kept for a week. */
const keptMilliseconds = 7 * 24 * 3_600_000;

/**
 * Removes what killed builds left: folders whose build lock is free, domains without a folder. Returns the paths and names.
 */
export async function collectDeadBuilds(context: Context, uri: string, signal?: AbortSignal): Promise<string[]> {
  const collected: string[] = [];
  for (const config of await listMasters(context.state)) {
    const folder = context.state.master(config);
    for (const name of await readdir(folder)) {
      throwIfAborted(signal);
      const path = join(folder, name);
      if (/\.(partial|partial\.sealed|removed)$/.test(name) && (await collectFolder(context, path))) collected.push(path);
      if (name.endsWith(logsSuffix) && (await isOld(path))) {
        await rm(path, { recursive: true, force: true });
        collected.push(path);
      }
    }
  }
  return [...collected, ...(await collectDomains(context, uri, signal))];
}

async function collectFolder(context: Context, path: string): Promise<boolean> {
  const digest = /-([0-9a-f]{12})\.(?:partial|removed)/.exec(path)?.[1];
  if (digest === undefined) return false;
  const lock = await acquireLock(context.state.lock(buildLockName(digest)), { wait: false });
  if (!lock) return false;
  try {
    const build = path.endsWith(partialSuffix) ? await readPartialBuild(path).catch(() => undefined) : undefined;
    if (build?.phase === 'installed' && !(await isOld(path))) return false;
    await discardPartial(path);
    return true;
  } finally {
    await lock.release();
  }
}

async function isOld(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs > keptMilliseconds;
}

/** A build's domain dies with its process; its definition stays where that was killed. */
async function collectDomains(context: Context, uri: string, signal?: AbortSignal): Promise<string[]> {
  const hypervisor = await context.connect(uri, signal);
  const dead = (await hypervisor.list()).filter(
    ({ metadata, state }) => metadata.home === context.state.home && metadata.purpose === 'build' && state !== 'running',
  );
  const collected: string[] = [];
  for (const { name, metadata } of dead) {
    const digest = metadata.generation.split('-')[1] ?? '';
    const lock = await acquireLock(context.state.lock(buildLockName(digest)), { wait: false });
    if (!lock) continue;
    await hypervisor.remove(parseVmName(name));
    await lock.release();
    collected.push(name);
  }
  return collected;
}
