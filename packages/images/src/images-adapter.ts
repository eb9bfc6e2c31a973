import type { ImagesAdapter } from './adapter.js';
import { collectBases } from './cache/collect-bases.js';
import { prepareBase } from './prepare-base.js';

export const adapter: ImagesAdapter = { prepareBase, collectBases };
