import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exec } from '@katavm/core';
import { checkout } from '../harness/katavm.js';

/** Installs katavm from its own tarballs into an empty folder, as from the registry. */
export async function installPackages(folder: string): Promise<void> {
  const packages = join(checkout, 'tools/release/packages.js');
  const pack = `
    import { pack, publishedPackages } from ${JSON.stringify(packages)};
    for (const { folder } of await publishedPackages()) console.log((await pack(folder, process.argv[1])).filename);`;
  const { stdout } = await exec(process.execPath, ['--input-type=module', '-e', pack, folder], { cwd: checkout });
  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true }));
  const quietly = ['--ignore-scripts', '--omit=optional', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
  await exec('npm', ['install', ...quietly, ...stdout.split('\n')], { cwd: folder });
}
