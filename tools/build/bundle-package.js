// Makes dist/ of the package that this is started in from its build/: what is published and run, in a few files
// (docs/decisions/bundles.md).
import { existsSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { rolldown } from 'rolldown';
import { leanBuiltins } from './lean-builtins.js';
import { licencesOf } from './licences.js';
import { nodeGate } from './node-gate.js';
import { replaceFile } from './replace-file.js';
import { assertReplaced, replacedModules } from './replaced-modules.js';
import { bringTypes } from './types-of-dependency.js';

/** Whose types are in what a package exports, though its code is in the bundle, and where they are taken from. */
const typesBrought = { '@katavm/core': { of: 'zod', by: 'schema/zod.d.ts' } };

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
  const types = typesBrought[manifest.name];
  if (types) await bringTypes(folder, types.of, types.by);
}

async function bundle(folder, manifest) {
  const external = Object.keys(manifest.dependencies ?? {});
  const build = await rolldown({
    input: await entriesOf(folder, manifest),
    platform: 'node',
    plugins: [replacedModules, leanBuiltins],
    // What its user has installed stays so: a fork's package in place of ours, a newer ssh2. Development's dependencies go in.
    external: (id) => external.some((name) => id === name || id.startsWith(`${name}/`)),
    onLog: (level, log, handle) => {
      if (level === 'warn') throw new Error(`${folder}: ${log.message}`);
      handle(level, log);
    },
  });
  const { output } = await build.generate({ format: 'esm', chunkFileNames: 'chunks/[name].js' });
  await build.close();
  const modules = output.flatMap(({ moduleIds }) => moduleIds);
  assertReplaced(modules);
  const licences = await licencesOf(modules);
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
