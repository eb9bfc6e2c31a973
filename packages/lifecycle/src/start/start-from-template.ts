import type { QuickStart } from './start-outcome.js';

/** A clone of the master's memory image. */
export const startFromTemplate: QuickStart = async (_context, { config }) => ({
  unavailable: `there is no memory image of ${config.name}`,
});
