// A dependency whose code is in a bundle, and whose types are in what its package exports: its declarations go along, so that nobody has
// to install the rest of it for them.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { replaceFile } from './replace-file.js';

/**
 * Copies the declarations of `name`, beginning with its own index, into `build/types/<name>`, and has dist/<file> use those. Not into
 * dist/: for a package that refers to this one TypeScript resolves what dist/ imports as if it stood in src/.
 */
export async function bringTypes(folder, name, file) {
  const source = dirname(createRequire(join(folder, 'package.json')).resolve(`${name}/package.json`));
  const target = join(folder, 'build/types', name);
  await copy('index.d.ts', source, target, new Set());
  const path = join(folder, 'dist', file);
  const specifier = relative(dirname(path), join(target, 'index.js'));
  const text = await readFile(path, 'utf8');
  // tsc writes the file anew only where its source has changed.
  const before = new RegExp(` from '(?:${name}|[^']*/types/${name}/index\\.js)';`, 'g');
  await replaceFile(path, text.replace(before, ` from '${specifier}';`));
}

async function copy(file, source, target, seen) {
  if (seen.has(file)) return;
  seen.add(file);
  const text = await readFile(join(source, file), 'utf8');
  await replaceFile(join(target, file), text);
  const imported = [...text.matchAll(/(?:from |import\()["'](\.[^"']+)\.js["']/g)].map(([, path]) =>
    join(dirname(file), `${path}.d.ts`),
  );
  await Promise.all(imported.map((each) => copy(each, source, target, seen)));
}
