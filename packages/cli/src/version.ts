import { writeSync } from 'node:fs';
import { createRequire } from 'node:module';

// By its name: in dist/ this may stand in another folder.
const packageJson = createRequire(import.meta.url)('@katavm/cli/package.json') as { readonly version: string };

export const cliVersion = packageJson.version;

/** @returns false where stdout does not take it: the whole program says why. */
export function printVersion(): boolean {
  try {
    return writeSync(1, `${cliVersion}\n`) > 0;
  } catch {
    return false;
  }
}
