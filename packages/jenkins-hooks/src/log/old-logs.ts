import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Launches of one node whose logs stay. */
const keptLaunches = 20;
/** `vm1-20261122T201500123Z-4711.log`, and the console beside it. */
const launchLog = /^(.*)-(\d{8}T\d{9}Z-\d+)\.(?:console\.)?log$/;

export interface OldLogs {
  /** As it stands in the files' names. Default: every node. */
  readonly node?: string;
  /** What began before it goes, however few there are: the node may be gone for good. Default: nothing. */
  readonly before?: Date;
}

/** Removes the logs of launches but each node's newest. @returns the names of what was removed. */
export async function removeOldLogs(folder: string, { node: only, before }: OldLogs = {}): Promise<string[]> {
  const oldest = before?.toISOString().replaceAll(/[-:.]/g, '') ?? '';
  const nodes = new Map<string, { file: string; time: string }[]>();
  for (const file of await readdir(folder).catch(() => [])) {
    const [, node, time = ''] = launchLog.exec(file) ?? [];
    if (node !== undefined && (only ?? node) === node) nodes.set(node, [...(nodes.get(node) ?? []), { file, time }]);
  }
  const old = [...nodes.values()].flatMap((files) => {
    const kept = new Set([...new Set(files.map(({ time }) => time))].sort().slice(-keptLaunches));
    return files.filter(({ time }) => !kept.has(time) || time < oldest).map(({ file }) => file);
  });
  await Promise.all(old.map((file) => rm(join(folder, file), { force: true })));
  return old.sort();
}
