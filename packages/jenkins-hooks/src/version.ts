import { createRequire } from 'node:module';

const packageJson = createRequire(import.meta.url)('@katavm/jenkins-hooks/package.json') as { readonly version: string };

export const hooksVersion = packageJson.version;
