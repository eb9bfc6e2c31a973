// Writes schema.json from the built package; package.json's "schema" builds first and formats afterwards.
import { writeFile } from 'node:fs/promises';
import { configJsonSchema } from '../dist/index.js';

await writeFile(new URL('../schema.json', import.meta.url), JSON.stringify(configJsonSchema()));
