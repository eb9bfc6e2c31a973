// Makes dist/bundle: the two hooks, each with all that it needs to start, in a few files (docs/decisions/rolldown.md).
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const programs = ['katavm-jenkins-start', 'katavm-jenkins-stop', 'fetch-agent-jar'];
const target = join(root, 'dist', 'bundle');
// A hook that starts meanwhile finds a whole bundle, the old one or the new one.
const partial = `${target}.${process.pid}`;

const bundle = await rolldown({
  input: Object.fromEntries(programs.map((name) => [`bin/${name}`, join(root, 'dist', 'bin', `${name}.js`)])),
  platform: 'node',
  // ssh2 works without its native parts, and asks for them inside try.
  external: [/\.node$/, 'cpu-features'],
  transform: { define: { __dirname: 'import.meta.dirname', __filename: 'import.meta.filename' } },
  onLog: (level, log, handle) => {
    if (level === 'warn') throw new Error(log.message);
    handle(level, log);
  },
});
const { output } = await bundle.write({ dir: partial, format: 'esm', chunkFileNames: 'chunks/[name].js', minify: true });
await bundle.close();
await writeFile(join(partial, 'LICENSES'), await licences(output.flatMap(({ moduleIds = [] }) => moduleIds)));
await rm(target, { recursive: true, force: true });
await rename(partial, target);

/** What the licences of the bundled packages ask for: that their texts go along. */
async function licences(modules) {
  const folders = new Set(modules.map((path) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0]).filter(Boolean));
  const texts = [...folders].sort().map(async (folder) => {
    const { name, version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    const file = (await readdir(folder)).find((each) => /^licen[cs]e/i.test(each));
    return `${name} ${version}\n\n${await readFile(join(folder, file), 'utf8')}`;
  });
  return (await Promise.all(texts)).join('\n----------\n\n');
}
