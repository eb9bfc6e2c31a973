import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

// By its name: in dist/ this stands in another folder than here.
const path = createRequire(import.meta.url).resolve('@katavm/jenkins-hooks/package.json');
const { version } = createRequire(path)(path) as { readonly version: string };

export const hooksVersion = version;

/** Started by itself: see `controllerJar`. */
export const fetchAgentJarProgram = join(dirname(path), 'dist/bin/fetch-agent-jar.js');
