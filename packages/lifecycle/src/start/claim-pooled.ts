import type { QuickStart } from './start-outcome.js';

/** A clone that was booted ahead of time, and paused. */
export const claimPooled: QuickStart = async (_context, { config }) => ({
  unavailable: `the pool has no clone of ${config.name} ready`,
});
