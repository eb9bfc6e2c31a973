// Makes dist/ of the package that this is started in from its build/: what is published and run, in a few files
// (docs/decisions/bundles.md).
import { existsSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { rolldown } from 'rolldown';
import { licencesOf } from './licences.js';
import { nodeGate } from './node-gate.js';
import { replaceFile } from './replace-file.js';

/** A dependency for its types alone: its code is in the bundle of the package that depends on it. */
const dependencyForTypes = 'zod';

/**
 * string-width makes an Intl.Segmenter when it is loaded, at each start of katavm: 10 ms of ICU's data, for scripts in which no help is
 * written. yargs measures the words of its help by it, which are ours: one column a letter.
 */
const ownStringWidth = {
  name: 'own-string-width',
  resolveId: (id) => (id === 'string-width' ? '\0string-width' : undefined),
  load: (id) => (id === '\0string-width' ? 'export default (text) => [...text].length;' : undefined),
};

await bundlePackage(process.cwd());

async function bundlePackage(folder) {
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const dist = join(folder, 'dist');
  const files = new Map((await bundle(folder, manifest)).map(({ fileName, code }) => [fileName, code]));
  for (const name of await programsOf(folder)) files.set(`bin/${name}`, nodeGate(`../programs/${name}`, manifest.engines.node));
  for (const [name, text] of files) await replaceFile(join(dist, name), text);
  for (const name of await filesBelow(dist)) {
    if (!name.endsWith('.d.ts') && !files.has(name)) await rm(join(dist, name));
  }
}

async function bundle(folder, manifest) {
  const external = Object.keys(manifest.dependencies ?? {}).filter((name) => name !== dependencyForTypes);
  const build = await rolldown({
    input: await entriesOf(folder, manifest),
    platform: 'node',
    plugins: [ownStringWidth],
    // What its user has installed stays so: a fork's package in place of ours, a newer ssh2. Development's dependencies go in.
    external: (id) => external.some((name) => id === name || id.startsWith(`${name}/`)),
    onLog: (level, log, handle) => {
      if (level === 'warn') throw new Error(`${folder}: ${log.message}`);
      handle(level, log);
    },
  });
  const { output } = await build.generate({ format: 'esm', chunkFileNames: 'chunks/[name].js' });
  await build.close();
  const licences = await licencesOf(output.flatMap(({ moduleIds }) => moduleIds));
  return licences === '' ? output : [...output, { fileName: 'LICENSES', code: licences }];
}

/** What others import, and what is started: the path below dist/, without `.js`, and the module. */
async function entriesOf(folder, { exports }) {
  const targets = Object.values(exports).map((each) => each.default ?? each);
  const modules = targets
    .filter((path) => /^\.\/dist\/.*\.js$/.test(path))
    .map((path) => path.slice('./dist/'.length, -'.js'.length));
  const programs = (await programsOf(folder)).map((name) => name.slice(0, -'.js'.length));
  return Object.fromEntries([
    ...modules.map((name) => [name, join(folder, 'build', `${name}.js`)]),
    ...programs.map((name) => [`programs/${name}`, join(folder, 'build/bin', `${name}.js`)]),
  ]);
}

async function programsOf(folder) {
  const programs = join(folder, 'build/bin');
  return existsSync(programs) ? (await readdir(programs)).filter((name) => name.endsWith('.js')) : [];
}

async function filesBelow(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}
