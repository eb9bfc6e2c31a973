import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exec } from '../../packages/core/dist/index.js';

/** The packages that are published: their folder, and what their package.json says. */
export async function publishedPackages() {
  const folders = (await readdir('packages')).map((name) => join('packages', name)).sort();
  const packages = await Promise.all(
    folders.map(async (folder) => ({ folder, manifest: JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) })),
  );
  return packages.filter(({ manifest }) => manifest.private !== true);
}

/** Packs one as it would be published. @returns {Promise<{filename: string, files: {path: string}[]}>} */
export async function pack(folder, destination) {
  const { stdout } = await exec('tools/pnpm', ['--dir', folder, 'pack', '--json', '--pack-destination', destination]);
  // pnpm tells of a package's own scripts before its JSON.
  return JSON.parse(stdout.slice(stdout.indexOf('{')));
}
