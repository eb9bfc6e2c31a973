import type { CloudInitAdapter } from '../adapter.js';
import { promiseCompose } from './compose.js';
import { promiseReading } from './reading.js';
import { promiseReports } from './reports.js';
import { promiseSeeds } from './seeds.js';
import type { TestFramework } from './test-framework.js';

export type { Expectation, TestFramework } from './test-framework.js';

/**
 * What katavm relies on, as tests: a replacement of `@katavm/cloudinit` has to pass them. Runs under any framework that has
 * `describe`, `it` and Jest's `expect` (vitest, jest, bun); the seed's tests need xorriso.
 */
export function cloudInitContract(adapter: CloudInitAdapter, framework: TestFramework): void {
  promiseReading(adapter, framework);
  promiseCompose(adapter, framework);
  promiseSeeds(adapter, framework);
  promiseReports(adapter, framework);
}
