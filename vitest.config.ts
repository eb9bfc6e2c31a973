import { defineConfig } from 'vitest/config';

// The three tiers (CONTRIBUTING.md). e2e boots real guests: one at a time, since an emulated guest takes a whole core.
export default defineConfig({
  test: {
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
          fileParallelism: false,
          testTimeout: 600_000,
          hookTimeout: 1_800_000,
        },
      },
    ],
  },
});
