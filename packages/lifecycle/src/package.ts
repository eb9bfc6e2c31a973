import { createRequire } from 'node:module';

const packageJson = createRequire(import.meta.url)('../package.json') as { readonly version: string };

/** The version of @katavm/lifecycle: the one that decides what a build does. */
export const katavmVersion = packageJson.version;
