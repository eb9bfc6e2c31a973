// The program that each package's README opens with is the first thing that anybody tries: it must fit the package as it is
// published, and use that package alone.
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { exec } from '../../packages/core/dist/index.js';

/** What is started as it stands, in a folder with a user-data file: it needs neither a guest nor anything of the host's. */
const runnable = new Set(['@katavm/core', '@katavm/keys', '@katavm/cloudinit', '@katavm/cli']);
/** The lifecycle takes what `loadConfig` gives: two packages make one program. */
const companions = { '@katavm/lifecycle': ['@katavm/config'] };

/** @param installed a folder in whose node_modules the packages are. Returns what is wrong. */
export async function readmeProblems(packages, installed) {
  const programs = await Promise.all(packages.map(({ folder, manifest }) => layProgram(folder, manifest.name, installed)));
  const problems = programs.flatMap(({ problem }) => problem ?? []);
  const files = programs.flatMap(({ file }) => file ?? []);
  problems.push(...(await typeErrors(files, installed)));
  await writeFile(join(installed, 'user-data'), '#cloud-config\npackages: [jq]\n');
  for (const { name, file } of programs) if (file && runnable.has(name)) problems.push(...(await runs(name, file, installed)));
  return problems;
}

async function layProgram(folder, name, installed) {
  const text = await readFile(join(folder, 'README.md'), 'utf8');
  const [, language, program] = /^```(js|ts)\n([\s\S]*?)^```$/m.exec(text) ?? [];
  if (program === undefined) return { name, problem: `${folder}/README.md: no program in it` };
  const known = [name, ...(companions[name] ?? [])];
  const foreign = [...program.matchAll(/from '([^']+)'/g)].map(([, from]) => from).filter((from) => !isKnown(from, known));
  const file = `${name.replace(/.*\//, '')}.${language === 'ts' ? 'mts' : 'mjs'}`;
  await writeFile(join(installed, file), program);
  const problem =
    foreign.length > 0 ? `${folder}/README.md: its program needs more than ${name}: ${foreign.join(', ')}` : undefined;
  return { name, file, problem };
}

function isKnown(from, known) {
  return from.startsWith('node:') || known.some((name) => from === name || from.startsWith(`${name}/`));
}

/** As an editor checks JavaScript: what is called is there and takes what it is given. */
async function typeErrors(files, installed) {
  const compilerOptions = {
    ...{ target: 'es2024', lib: ['es2024'], module: 'nodenext', moduleResolution: 'nodenext', noEmit: true, skipLibCheck: true },
    ...{ strict: true, useUnknownInCatchVariables: false, allowJs: true, checkJs: true, noUnusedLocals: true },
    ...{ types: ['node'], typeRoots: [resolve('node_modules/@types')] },
  };
  await writeFile(join(installed, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
  const compiler = [resolve('node_modules/typescript/bin/tsc'), '-p', installed];
  const { exitCode, stdout } = await exec(process.execPath, compiler, { acceptExitCodes: [0, 1, 2] });
  return exitCode === 0 ? [] : stdout.split('\n').map((line) => `README.md: ${line}`);
}

async function runs(name, file, cwd) {
  try {
    await exec(process.execPath, [file], { cwd, timeoutMilliseconds: 60_000 });
    return [];
  } catch (error) {
    return [`${name}: the program of its README.md: ${error.message}`];
  }
}
