import { z } from '@katavm/core/schema';
import { commandModules } from './commands.js';
import { diskModules } from './disks.js';
import { fileModules } from './files.js';
import { packageModules } from './packages.js';
import { passedThrough } from './passed-through.js';
import { systemModules } from './system.js';
import { userModules } from './users.js';

const others = Object.fromEntries(passedThrough.map((key) => [key, z.unknown().optional()]));

/**
 * A `#cloud-config` document. cloud-init only warns of a key it does not know, in a log of a guest that is gone by then:
 * here it is an error.
 */
export const cloudConfigSchema = z.strictObject({
  ...others,
  ...userModules,
  ...packageModules,
  ...commandModules,
  ...fileModules,
  ...diskModules,
  ...systemModules,
});
