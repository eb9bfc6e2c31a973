// A domain that is handed from one process to another, each of which can be killed at any moment.
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exec, ignoreEvents, parseVmName, type RunningProcess, start, type VmName, waitFor } from '@katavm/core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { adapter, type Hypervisor } from '../src/index.js';
import { type RealWorld, realWorld, uri } from './real-world.js';

let world: RealWorld;
beforeAll(async () => {
  world = await realWorld();
});
afterAll(() => world.remove());

interface Scene {
  readonly hypervisor: Hypervisor;
  /** The domain on the lifeline. */
  readonly name: VmName;
  /** The maker's own. */
  readonly other: VmName;
  readonly lifeline: string;
  /** A process that has started both and holds the lifeline. */
  readonly maker: RunningProcess;
}

async function setScene(): Promise<Scene> {
  const hypervisor = await world.connect();
  const name = newName();
  const other = newName();
  onTestFinished(async () => {
    for (const each of [name, other]) await hypervisor.remove(each);
    await hypervisor.close();
  });
  const lifeline = join(world.folder, `${name}.lifeline`);
  const specs = await Promise.all([name, other].map(async (each) => JSON.stringify(await world.spec(each))));
  const maker = await holder('share-domain.js', uri, lifeline, ...specs);
  return { hypervisor, name, other, lifeline, maker };
}

function newName(): VmName {
  return parseVmName(`katavm-contract-${randomBytes(4).toString('hex')}`);
}

async function holder(script: string, ...args: string[]): Promise<RunningProcess> {
  const running = start(process.execPath, [fileURLToPath(new URL(script, import.meta.url)), ...args]);
  onTestFinished(() => running.kill('SIGKILL'));
  const said = await Promise.race([once(running.stdout, 'data').then(String), running.ended.then(({ failure }) => failure)]);
  expect(said).toBe('holding\n');
  return running;
}

async function kill(process: RunningProcess): Promise<void> {
  process.kill('SIGKILL');
  await process.ended;
}

async function untilShutOff({ hypervisor }: Scene, name: VmName): Promise<void> {
  await waitFor({
    name: `${name} to end with the last who held it`,
    probe: async () => ((await hypervisor.state(name)) === 'shut off' ? true : undefined),
    timeoutMilliseconds: 20_000,
    hint: 'virsh did not end with its lifeline',
  });
}

/** The processes that have the lifeline open. */
async function usersOf(path: string): Promise<string> {
  return (await exec('sh', ['-c', 'ls -l /proc/[0-9]*/fd 2>/dev/null | grep -F "$1" || true', 'sh', path])).stdout;
}

describe('a domain on a lifeline', () => {
  it('dies with the process that made it where nobody has taken it over', async () => {
    const scene = await setScene();
    await kill(scene.maker);
    await untilShutOff(scene, scene.name);
    expect(await adapter.holdLifeline(scene.lifeline)).toBeUndefined();
    expect(await usersOf(scene.lifeline)).toBe('');
  });

  it('outlives its maker where another has taken it over, and dies with that one', async () => {
    const scene = await setScene();
    const taker = await holder('hold-lifeline.js', scene.lifeline);
    await kill(scene.maker);
    await untilShutOff(scene, scene.other);
    expect(await scene.hypervisor.state(scene.name)).toBe('running');
    await kill(taker);
    await untilShutOff(scene, scene.name);
    expect(await usersOf(scene.lifeline)).toBe('');
  });

  it('is not ended by the signals that end its maker and everything around it', async () => {
    const scene = await setScene();
    await holder('hold-lifeline.js', scene.lifeline);
    const virsh = (await exec('pgrep', ['--parent', String(scene.maker.pid), 'virsh'])).stdout.split('\n').map(Number);
    for (const pid of virsh) for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGPIPE']) process.kill(pid, signal);
    await kill(scene.maker);
    await untilShutOff(scene, scene.other);
    expect(await scene.hypervisor.state(scene.name)).toBe('running');
  });

  it('leaves nothing in the history of commands of the user', async () => {
    const lifeline = join(world.folder, `${randomUUID()}.lifeline`);
    const { hypervisor, leave } = await adapter.connectShared({ uri, lifeline, emit: ignoreEvents });
    const told = newName();
    expect(await hypervisor.find(told)).toBeUndefined();
    await leave();
    await waitFor({
      name: 'the end of virsh',
      probe: async () => ((await usersOf(lifeline)) === '' ? true : undefined),
      timeoutMilliseconds: 20_000,
      hint: `see who has ${lifeline} open`,
    });
    const history = await readFile(join(homedir(), '.cache/libvirt/virsh/history'), 'utf8').catch(() => '');
    expect(history).not.toContain(told);
  });

  it('cannot be made where libvirt does not answer, and no process is left', async () => {
    const lifeline = join(world.folder, `${randomUUID()}.lifeline`);
    const nobody = 'qemu+unix:///system?socket=/nonexistent/libvirt-sock';
    await expect(adapter.connectShared({ uri: nobody, lifeline, emit: ignoreEvents })).rejects.toMatchObject({
      code: 'KATAVM_LIBVIRT_UNREACHABLE',
    });
    expect(await usersOf(lifeline)).toBe('');
  });
});
