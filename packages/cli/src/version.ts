import { createRequire } from 'node:module';

// By its name: in dist/ this may stand in another folder.
const packageJson = createRequire(import.meta.url)('@katavm/cli/package.json') as { readonly version: string };

export const cliVersion = packageJson.version;
