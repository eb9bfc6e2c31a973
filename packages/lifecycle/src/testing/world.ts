import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig, type VmConfig } from '@katavm/config';
import type { KatavmEvent } from '@katavm/core';
import type { DomainSpec } from '@katavm/libvirt';
import { createFakeLibvirt, type FakeLibvirt } from '@katavm/libvirt/testing';
import { onTestFinished } from 'vitest';
import type { PartialBuild } from '../build/partial-build.js';
import { type Context, openContext } from '../context/context.js';
import { makeCurrent } from '../state/generations.js';
import { writeJson } from '../state/json-file.js';
import type { Manifest } from '../state/manifest.js';
import { type FakeGuest, fakeAdapters } from './fake-adapters.js';
import { runFakeWakeAgent, type WakeReply } from './fake-wake-agent.js';

/** A home of its own for a test, on a libvirt in memory; both are gone when the test is over. */
export interface World {
  readonly context: Context;
  readonly home: string;
  readonly libvirt: FakeLibvirt;
  readonly events: KatavmEvent[];
  /** Another home on the same libvirt. */
  neighbour(): Promise<World>;
  config(name?: string, text?: string): Promise<VmConfig>;
  /** Reads a config that was written before. */
  reload(name: string): Promise<VmConfig>;
  /** A master, sealed as step 3 does it; the last one laid is current. */
  layMaster(config?: string, generation?: string): Promise<Manifest>;
}

export interface WorldOptions extends FakeGuest {
  readonly libvirt?: FakeLibvirt;
  /** What the guests' wake agents answer. Default: that all is done. */
  readonly wakeReply?: WakeReply;
}

export const oldGeneration = '20260101T000000Z-aaaaaaaaaaaa';
export const newGeneration = '20260201T000000Z-bbbbbbbbbbbb';

/** What step 2 leaves for step 3, as build.json of `<newGeneration>.partial`. */
export const installedBuild: PartialBuild = {
  version: 1,
  config: 'debian12',
  generation: newGeneration,
  created: '2026-02-01T00:00:00.000Z',
  inputDigest: 'b'.repeat(64),
  base: { origin: 'a test', sha256: 'b'.repeat(64) },
  boot: { kind: 'disk' },
  backing: { path: '/bases/b/disk.qcow2', format: 'qcow2' },
  domain: { name: 'debian12-build-1', uuid: '6f1b6f3e-7f53-4cb4-9d33-0f6f5f3c7d11', macAddress: '52:54:00:00:00:01' },
  hostKey: 'ssh-ed25519 AAAA',
  keyPath: '/keys/katavm',
  acceleration: 'tcg',
  phase: 'installed',
};

export async function newWorld(options: WorldOptions = {}): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'katavm-lifecycle-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const { hasWakeAgent = true } = options;
  const runGuest = async (spec: DomainSpec) => (hasWakeAgent ? runFakeWakeAgent(spec, options.wakeReply) : () => {});
  const libvirt = options.libvirt ?? createFakeLibvirt('fake:///', { runGuest });
  const events: KatavmEvent[] = [];
  const context = await openContext({
    env: { KATAVM_HOME: join(folder, 'home') },
    adapters: fakeAdapters(libvirt, options),
    emit: (event) => events.push(event),
  });
  return {
    context,
    home: context.state.home,
    libvirt,
    events,
    neighbour: () => newWorld({ ...options, libvirt }),
    config: (name = 'debian12', text = '{version: 1, base: {packages: {suite: bookworm}}}') => layConfig(folder, name, text),
    reload: (name) => readConfig(folder, name),
    layMaster: (config = 'debian12', generation = newGeneration) => layMaster(context, config, generation),
  };
}

async function layConfig(folder: string, name: string, text: string): Promise<VmConfig> {
  const directory = join(folder, 'configs', name);
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, 'katavm.yaml'), text);
  return readConfig(folder, name);
}

function readConfig(folder: string, name: string): Promise<VmConfig> {
  const directory = join(folder, 'configs', name);
  const env = { HOME: folder, KATAVM_SITE: '', LIBVIRT_DEFAULT_URI: 'fake:///' };
  return loadConfig({ nameOrPath: directory, cwd: folder, env });
}

async function layMaster({ state }: Context, config: string, generation: string): Promise<Manifest> {
  const directory = state.generation(config, generation);
  await mkdir(directory, { recursive: true });
  const disk = `a disk of ${config}`;
  const created = new Date('2026-01-01T00:00:00.000Z');
  await writeFile(join(directory, 'disk.qcow2'), disk);
  await utimes(join(directory, 'disk.qcow2'), created, created);
  const manifest: Manifest = {
    version: 1,
    config,
    generation,
    created: created.toISOString(),
    inputDigest: generation,
    base: { origin: 'a test', sha256: '0'.repeat(64) },
    disk: { file: 'disk.qcow2', sha256: '0'.repeat(64), bytes: disk.length, virtualSizeBytes: 1024 ** 3 },
    boot: { kind: 'disk' },
    guest: { user: 'jenkins', hostname: `${config}-master` },
    cloudInit: 'done',
    katavm: '0.0.0',
  };
  await writeJson(join(directory, 'manifest.json'), manifest);
  await makeCurrent(state, config, generation);
  return manifest;
}
