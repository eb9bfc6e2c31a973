import type { KeysAdapter } from './adapter.js';
import { createKeyPair } from './create-key-pair.js';
import { generateHostKey } from './generate-host-key.js';
import { readKeyPair } from './read-key-pair.js';

export type * from './adapter.js';
export { type KeysConfig, keysSchema } from './schema.js';
export { createKeyPair, generateHostKey, readKeyPair };

export const adapter: KeysAdapter = { createKeyPair, readKeyPair, generateHostKey };
