import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readYaml } from '@katavm/core/document';
import type { CloudConfig, ComposeInput, Seed, UserData } from '../adapter.js';

/** A composition that uses every part of the input. */
export const sample: ComposeInput = {
  own: written({
    packages: ['jq', ['bc', '1.07']],
    bootcmd: ['echo own'],
    users: [{ name: 'bob' }],
    write_files: [{ path: '/a', content: 'yes\n' }],
  }),
  user: 'jenkins',
  hostname: 'debian12-master',
  instanceId: 'build-2026-01-02',
  site: { packages: ['curl'], ca_certs: { trusted: ['-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n'] } },
  proxy: {
    http: 'http://proxy.example.com:3128',
    https: 'http://proxy.example.com:3128',
    git: 'socks5://proxy.example.com:1080',
  },
  bootCommands: [['install', '-m', '0600', '/dev/null', '/run/katavm-boot']],
};

/** User-data as if read from a file. */
export function written(value: CloudConfig): UserData {
  return { value, file: 'user-data', lineOf: () => 1 };
}

/** The seed's user-data, as PyYAML would read it. */
export function readComposed(seed: Seed): Record<string, unknown> {
  return readYaml(seed.userData, { file: 'composed user-data', version: '1.1' }).value as Record<string, unknown>;
}

export async function inTemporaryFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'katavm-contract-'));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What was thrown or rejected with; `undefined` where nothing was. */
export async function failureOf(work: () => unknown): Promise<unknown> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return error;
  }
}
