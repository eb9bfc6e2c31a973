import type { CloudInitAdapter } from './adapter.js';
import { compose } from './compose/compose.js';
import { proxyFiles } from './proxy/proxy-config.js';
import { stageOfConsoleLine } from './report/console.js';
import { explainFailure } from './report/explain-failure.js';
import { readReport } from './report/read-report.js';
import { checkWithHost } from './seed/check-with-host.js';
import { writeSeed } from './seed/write-seed.js';
import { readNetworkConfig } from './user-data/read-network-config.js';
import { readUserData } from './user-data/read-user-data.js';

export type * from './adapter.js';
export { ownedKeys } from './compose/owned.js';
export { type CloudInitConfig, cloudInitSchema, proxySchema, siteCloudConfigSchema } from './schema.js';
export {
  checkWithHost,
  compose,
  explainFailure,
  proxyFiles,
  readNetworkConfig,
  readReport,
  readUserData,
  stageOfConsoleLine,
  writeSeed,
};

/** What the rest of katavm uses of this package, and what a site's own module replaces or wraps. */
export const adapter: CloudInitAdapter = {
  readUserData,
  readNetworkConfig,
  compose,
  checkWithHost,
  writeSeed,
  readReport,
  stageOfConsoleLine,
  explainFailure,
  proxyFiles,
};
