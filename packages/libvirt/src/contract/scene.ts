import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { hasCode, parseVmName, type VmName, waitFor } from '@katavm/core';
import type { Lifeline, SharedConnection } from '../adapter.js';
import type { DomainSpec, DomainState, Hypervisor } from '../hypervisor.js';

/** What a hypervisor is tested in: the real libvirt, a fake, or a fork's own. */
export interface HypervisorWorld {
  /** A new connection to the same domains, as another process would have. */
  connect(): Promise<Hypervisor>;
  /** A connection that is handed on (`connectShared`, `holdLifeline`), on a lifeline of its own. */
  share(): Promise<{ readonly connection: SharedConnection; readonly hold: () => Promise<Lifeline | undefined> }>;
  /** A small domain whose files exist, on user networking, emulated. */
  spec(name: VmName): Promise<DomainSpec>;
  /** Defines a domain by other means than katavm's. */
  addForeign(name: VmName): Promise<void>;
  removeForeign(name: VmName): Promise<void>;
  hasForeign(name: VmName): Promise<boolean>;
  /** Stops a running domain's processors as QEMU does for an error: nobody has asked the hypervisor for it. */
  halt(name: VmName): Promise<void>;
}

/** Those of any test runner; the suite asserts by node:assert. */
export interface TestFunctions {
  describe(name: string, define: () => void): void;
  it(name: string, test: () => Promise<void>): void;
}

export interface Scene {
  readonly hypervisor: Hypervisor;
  readonly name: VmName;
  readonly spec: DomainSpec;
  /** Another connection, closed at the end. */
  another(): Promise<Hypervisor>;
}

/** Tests of which each has a connection and a domain's name of its own, which is removed at its end. */
export function sceneTests(world: HypervisorWorld, it: TestFunctions['it']) {
  return (name: string, run: (scene: Scene) => Promise<void>) => it(name, () => withScene(world, run));
}

async function withScene(world: HypervisorWorld, run: (scene: Scene) => Promise<void>): Promise<void> {
  const name = parseVmName(`katavm-contract-${randomBytes(4).toString('hex')}`);
  const connections = [await world.connect()];
  const hypervisor = connections[0] as Hypervisor;
  const another = async () => {
    const connection = await world.connect();
    connections.push(connection);
    return connection;
  };
  try {
    await run({ hypervisor, name, spec: await world.spec(name), another });
  } finally {
    await hypervisor.remove(name);
    for (const connection of connections) await connection.close();
  }
}

export async function fails(work: Promise<unknown>, code: `KATAVM_${string}`): Promise<void> {
  await assert.rejects(work, (error) => {
    assert.ok(hasCode(error, code), `expected ${code}, got ${error}`);
    return true;
  });
}

export async function reaches(hypervisor: Hypervisor, name: VmName, state: DomainState): Promise<void> {
  await waitFor({
    name: `${name} to be ${state}`,
    probe: async () => ((await hypervisor.state(name)) === state ? true : undefined),
    // libvirt gives QEMU 10 s to end by SIGTERM, then 5 s by SIGKILL (qemuProcessKill).
    timeoutMilliseconds: 20_000,
    hint: 'the hypervisor did not end what had been started to die with its connection',
  });
}
