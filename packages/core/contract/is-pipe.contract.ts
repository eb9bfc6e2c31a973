import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exec } from '@katavm/core';
import { expect, onTestFinished, test } from 'vitest';

test.each([
  ['a pipe', 'true | node "$1"', true],
  ['a file', 'node "$1" <"$1"', false],
  ['nothing', 'node "$1" </dev/null', false],
])('stdin is %s: that is seen, and a package that is a link is imported as before', async (_, script, isPipe) => {
  const folder = await mkdtemp(join(tmpdir(), 'katavm-is-pipe-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, 'real'));
  await mkdir(join(folder, 'node_modules'));
  await symlink('../real', join(folder, 'node_modules/linked'));
  const program = `
    import { isPipe } from ${JSON.stringify(import.meta.resolve('@katavm/core'))};
    await import('linked/one.js'); // Node knows the folders on the way from now on
    const seen = isPipe(0);
    console.log(JSON.stringify({ seen, from: (await import('linked/two.js')).from }));
  `;
  await writeFile(join(folder, 'program.mjs'), program);
  await writeFile(join(folder, 'real/package.json'), '{"type": "module"}');
  for (const name of ['one', 'two'])
    await writeFile(join(folder, `real/${name}.js`), 'export const from = import.meta.filename;');
  const { stdout } = await exec('sh', ['-c', script, 'sh', join(folder, 'program.mjs')]);
  expect(JSON.parse(stdout)).toEqual({ seen: isPipe, from: join(folder, 'real/two.js') });
});
