import { afterAll, beforeAll, describe, it, vi } from 'vitest';
import { imagesContract } from '../src/contract/index.js';
import { adapter } from '../src/index.js';

// Its servers are on loopback, also on a host that needs a proxy for everything else.
beforeAll(() => void vi.stubEnv('no_proxy', `127.0.0.1,${process.env['no_proxy'] ?? ''}`));
afterAll(() => void vi.unstubAllEnvs());

imagesContract(adapter, { describe, it });
