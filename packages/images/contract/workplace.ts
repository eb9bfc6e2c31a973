import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exec, isKatavmError, type KatavmError, type KatavmEvent } from '@katavm/core';
import { afterEach, beforeEach, vi } from 'vitest';
import type { BaseContext } from '../src/adapter.js';

const made: string[] = [];

// The servers of these tests are on loopback, also on a host that needs a proxy for everything else.
beforeEach(() => void vi.stubEnv('no_proxy', `127.0.0.1,${process.env['no_proxy'] ?? ''}`));

afterEach(async () => {
  vi.unstubAllEnvs();
  for (const directory of made.splice(0)) await rm(directory, { recursive: true, force: true });
});

/** A directory that is removed after the test. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'katavm-images-'));
  made.push(directory);
  return directory;
}

export interface Workplace extends BaseContext {
  readonly directory: string;
  readonly events: KatavmEvent[];
}

/** An empty cache. */
export async function openWorkplace(): Promise<Workplace> {
  const directory = await temporaryDirectory();
  const events: KatavmEvent[] = [];
  const emit = (event: KatavmEvent) => void events.push(event);
  return { directory, events, emit, cacheDirectory: join(directory, 'bases'), lockDirectory: join(directory, 'locks') };
}

/** Names in the cache; those of entries are digests. */
export async function namesIn({ cacheDirectory }: BaseContext): Promise<string[]> {
  return existsSync(cacheDirectory) ? (await readdir(cacheDirectory)).sort() : [];
}

export function noticesIn({ events }: Workplace): string[] {
  return events.flatMap((event) => (event.type === 'notice' ? event.code : []));
}

export async function refusal(work: Promise<unknown>): Promise<KatavmError> {
  const error = await work.then(
    () => new Error('it succeeded'),
    (thrown: unknown) => thrown,
  );
  if (!isKatavmError(error)) throw error;
  return error;
}

/** A raw disk with a boot sector's signature, bytes that do not compress, and a hole. */
export function rawDisk(bytes = 3 * 1024 ** 2): Buffer {
  const disk = Buffer.concat([randomBytes(bytes / 3), Buffer.alloc(bytes - bytes / 3)]);
  disk.write('\x55\xaa', 510, 'latin1');
  return disk;
}

export async function qcow2Disk(bytes?: number): Promise<Buffer> {
  const directory = await temporaryDirectory();
  const [raw, qcow2] = [join(directory, 'raw'), join(directory, 'qcow2')];
  await exec('dd', [`of=${raw}`, 'status=none'], { input: rawDisk(bytes) });
  await exec('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', raw, qcow2]);
  return await readFile(qcow2);
}

export function sha(algorithm: 'sha256' | 'sha512', content: Buffer): string {
  return createHash(algorithm).update(content).digest('hex');
}
