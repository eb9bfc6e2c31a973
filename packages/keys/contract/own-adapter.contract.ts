import { describe, it } from 'vitest';
import { keysContract } from '../src/contract/index.js';
import { adapter } from '../src/index.js';

keysContract(adapter, { describe, it });
