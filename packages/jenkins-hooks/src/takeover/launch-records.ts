import { readFileSync } from 'node:fs';
import { mkdir, readdir, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from '@katavm/core/schema';
import { fileNameOf } from '../names/file-name-of.js';
import type { JenkinsNode } from './node-name.js';
import { isAlive, type ProcessIdentity } from './process-identity.js';

const recordSchema = z.object({
  version: z.literal(1),
  /** As Jenkins has it. */
  node: z.string(),
  /** The controller's URL, where the launch knew it. */
  controller: z.string().optional(),
  config: z.string(),
  clone: z.string(),
  /** ISO 8601, UTC. */
  started: z.string(),
  log: z.string().optional(),
  pid: z.number(),
  startTicks: z.number(),
  bootId: z.string(),
});

/** A launch that runs now: which hook holds which node, and with which clone. */
export type LaunchRecord = z.infer<typeof recordSchema>;

/** The folder of a node's launches. Two controllers may have a node of the same name. */
export function folderOf(launches: string, node: string, controller: string | undefined): string {
  return join(launches, fileNameOf(controller === undefined ? node : `${node} ${controller}`));
}

/** @returns the path. */
export async function writeLaunch(launches: string, record: LaunchRecord): Promise<string> {
  const folder = folderOf(launches, record.node, record.controller);
  const path = join(folder, `${record.startTicks}-${record.pid}.json`);
  for (;;) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    try {
      await writeFile(`${path}.partial`, JSON.stringify(record), { mode: 0o600 });
      await rename(`${path}.partial`, path);
      return path;
    } catch (error) {
      // Another launch that has just ended may have removed the folder.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
}

export async function removeLaunch(launches: string, record: LaunchRecord): Promise<void> {
  const folder = folderOf(launches, record.node, record.controller);
  await rm(join(folder, `${record.startTicks}-${record.pid}.json`), { force: true });
  await rmdir(folder).catch(() => {}); // another launch's record is there
}

/** Every launch of this host that runs; records of dead ones are removed. @param launches `StateDirectory.launches` */
export async function listLaunches(launches: string): Promise<LaunchRecord[]> {
  const nodes = await readdir(launches).catch(() => []);
  return (await Promise.all(nodes.map((node) => launchesIn(join(launches, node))))).flat();
}

/** Those of one node. By what the records say: the folder's name may be another katavm's. */
export async function launchesOf(launches: string, { node, controller }: JenkinsNode): Promise<LaunchRecord[]> {
  return (await listLaunches(launches)).filter((launch) => launch.node === node && launch.controller === controller);
}

async function launchesIn(folder: string): Promise<LaunchRecord[]> {
  const names = await readdir(folder).catch(() => []);
  const alive: LaunchRecord[] = [];
  for (const name of names.filter((each) => each.endsWith('.json'))) {
    const record = readRecord(join(folder, name));
    if (record && isAlive(record satisfies ProcessIdentity)) alive.push(record);
    else await rm(join(folder, name), { force: true });
  }
  if (alive.length === 0) await rmdir(folder).catch(() => {}); // a launch may be writing its record
  return alive;
}

function readRecord(path: string): LaunchRecord | undefined {
  try {
    return recordSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return undefined;
  }
}
