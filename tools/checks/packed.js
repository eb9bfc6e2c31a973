// What is published works: each package is packed, all are installed into an empty folder, every public module is imported
// there, every program is started, and the program that each README opens with is compiled, and run where it can be. It prints what the
// installation takes on the disk.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exec } from '../../packages/core/dist/index.js';
import { pack, publishedPackages } from '../release/packages.js';
import { readmeProblems } from './readme-programs.js';

const problems = [];
const folder = await mkdtemp(join(tmpdir(), 'katavm-packed-'));
try {
  const packages = await publishedPackages();
  const tarballs = [];
  for (const { folder: source, manifest } of packages) {
    const { filename, files } = await pack(source, folder);
    const paths = new Set(files.map(({ path }) => path));
    for (const needed of ['README.md', 'LICENSE'])
      if (!paths.has(needed)) problems.push(`${manifest.name}: ${needed} is not packed`);
    for (const path of paths)
      if (/\.test\.|tsbuildinfo|^(contract|src)\//.test(path)) problems.push(`${manifest.name}: ${path} is packed`);
    tarballs.push(filename);
  }
  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  const npm = [
    'install',
    '--ignore-scripts',
    '--omit=optional',
    '--prefer-offline',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ];
  await exec('npm', [...npm, ...tarballs], { cwd: folder });
  const { stdout: kibibytes } = await exec('du', ['-sk', 'node_modules'], { cwd: folder });
  process.stdout.write(
    `@katavm/cli with all that it needs: ${((Number.parseInt(kibibytes, 10) * 1024) / 1e6).toFixed(1)} MB on disk\n`,
  );
  for (const { manifest } of packages) problems.push(...(await uses(manifest)));
  problems.push(...(await readmeProblems(packages, folder)));
} finally {
  await rm(folder, { recursive: true, force: true });
}

if (problems.length > 0) {
  process.stderr.write(`${problems.join('\n')}\n`);
  process.exitCode = 1;
}

async function uses({ name, version, exports = {}, bin = {} }) {
  const imports = Object.keys(exports)
    .filter((path) => !path.endsWith('.json'))
    .map((path) => `await import('${name}${path.slice(1)}');`);
  const data = Object.keys(exports)
    .filter((path) => path.endsWith('.json'))
    .map((path) => `await import('${name}${path.slice(1)}', { with: { type: 'json' } });`);
  const found = await problemOf(name, 'node', ['--no-warnings', '--input-type=module', '-e', [...imports, ...data].join('\n')]);
  for (const program of Object.keys(bin)) {
    const said = await problemOf(`${name}: ${program} --version`, join('node_modules', '.bin', program), ['--version'], (out) =>
      out.includes(version),
    );
    found.push(...said);
  }
  return found;
}

async function problemOf(what, command, args, isRight = () => true) {
  try {
    const { stdout } = await exec(command, args, { cwd: folder });
    return isRight(stdout) ? [] : [`${what}: printed ${stdout}`];
  } catch (error) {
    return [`${what}: ${error.message}`];
  }
}
