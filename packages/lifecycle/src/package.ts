import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

// By its name: in dist/ this stands in another folder than here.
const path = createRequire(import.meta.url).resolve('@katavm/lifecycle/package.json');
const { version } = createRequire(path)(path) as { readonly version: string };

/** The version of @katavm/lifecycle: the one that decides what a build does. */
export const katavmVersion = version;

/** What is put into guests. */
export const guestFolder = join(dirname(path), 'guest');
