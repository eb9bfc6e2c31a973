import { defineConfig } from 'vitest/config';
import { LongestFirst } from './e2e/setup/longest-first.js';
import manifest from './package.json' with { type: 'json' };

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const [neededMajor = 0, neededMinor = 0] = manifest.engines.node.slice('>='.length).split('.').map(Number);
if (major < neededMajor || (major === neededMajor && minor < neededMinor)) {
  throw new Error(
    `Node ${neededMajor}.${neededMinor} or later is needed, and this is ${process.versions.node}: use tools/pnpm vitest`,
  );
}

// The three tiers (CONTRIBUTING.md).
export default defineConfig({
  test: {
    // Runs of several packages at once would write the same file of results.
    cache: false,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        // A test's time is no assertion: this tells a hang from a host that is busy with guests.
        test: { name: 'unit', include: ['packages/*/src/**/*.test.ts', 'tools/**/*.test.ts'], testTimeout: 60_000 },
      },
      {
        test: { name: 'contract', include: ['packages/*/contract/**/*.contract.ts'], testTimeout: 120_000, hookTimeout: 120_000 },
      },
      {
        test: {
          name: 'e2e',
          include: ['e2e/**/*.e2e.ts'],
          globalSetup: ['e2e/setup/global-setup.ts'],
          setupFiles: ['e2e/setup/home-of-file.ts'],
          // Guests of two files: an emulated one takes most of a core, and no more than one.
          maxWorkers: 2,
          // vitest wants another group for another number of workers.
          sequence: { groupOrder: 1 },
          testTimeout: 600_000,
          hookTimeout: 1_800_000,
        },
      },
      {
        // Guests in an emulated guest: a boot takes most of a minute.
        test: {
          name: 'kvm',
          include: ['e2e/**/*.kvm.ts'],
          globalSetup: ['e2e/setup/global-setup.ts'],
          setupFiles: ['e2e/setup/home-of-file.ts'],
          sequence: { groupOrder: 2 },
          testTimeout: 1_800_000,
          hookTimeout: 3_600_000,
        },
      },
    ],
  },
});
