import { randomUUID } from 'node:crypto';
import { afterAll, describe, it } from 'vitest';
import { hypervisorContract } from '../src/contract/index.js';
import { createFakeLibvirt } from '../src/testing/index.js';
import { realWorld, tinySpec } from './real-world.js';

const world = await realWorld();
afterAll(world.remove);

const fake = createFakeLibvirt();
const fakeDomains = fake.domains as Map<string, unknown>;
const fakeWorld = {
  connect: async () => fake.connect(),
  share: async () => {
    const lifeline = randomUUID();
    return { connection: fake.connectShared(lifeline), hold: async () => fake.holdLifeline(lifeline) };
  },
  spec: (name: Parameters<typeof tinySpec>[0]) => tinySpec(name, world.folder),
  addForeign: async (name: string) => fake.addForeign(name),
  removeForeign: async (name: string) => void fakeDomains.delete(name),
  hasForeign: async (name: string) => fakeDomains.has(name),
  halt: async (name: string) => {
    const domain = fake.domains.get(name);
    if (domain) domain.state = 'halted';
  },
};

hypervisorContract('the fake', fakeWorld, { describe, it });
hypervisorContract('libvirt', world, { describe, it });
