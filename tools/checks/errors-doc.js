// Every error code in the sources has a section in docs/errors.d, and every section a code. With --write, puts docs/errors.md
// together from docs/errors.d; without it, checks that it is up to date.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { trackedFiles } from './tracked-files.js';

const introduction = `# Errors

Each error has a code that does not change, a message (what was being done, to what, what happened), a hint, and an exit code:
0 done, 1 failed, 2 usage or config, 3 host not ready, 4 not found, 5 timed out, 129/130/143 ended by SIGHUP, SIGINT, SIGTERM;
125 is katavm's own failure in \`katavm run\`, whose other exit codes are the command's.

<!-- Made of docs/errors.d by "node tools/checks/errors-doc.js --write". -->
`;
const page = 'docs/errors.md';

const names = (await readdir('docs/errors.d')).filter((name) => name.endsWith('.md')).sort();
const parts = await Promise.all(names.map(async (name) => ({ name, text: await readFile(`docs/errors.d/${name}`, 'utf8') })));
const whole = [introduction, ...parts.map(({ name, text }) => `\n# ${name.replace(/\.md$/, '')}\n\n${text.trim()}\n`)].join('');

const problems = [];
const documented = new Map();
for (const { name, text } of parts) {
  for (const [, code] of text.matchAll(/^## (KATAVM_[A-Z0-9_]+)$/gm)) {
    if (documented.has(code)) problems.push(`${code} stands in docs/errors.d/${documented.get(code)} and in ${name}`);
    documented.set(code, name);
  }
}

const used = await codesInSources();
for (const [code, file] of used) if (!documented.has(code)) problems.push(`${code} (${file}) has no section in docs/errors.d`);
for (const [code, name] of documented) if (!used.has(code)) problems.push(`${code} (docs/errors.d/${name}) is used nowhere`);

if (process.argv.includes('--write')) await writeFile(page, whole);
else if ((await readFile(page, 'utf8').catch(() => '')) !== whole)
  problems.push(`${page} is not up to date: node tools/checks/errors-doc.js --write`);

if (problems.length > 0) {
  process.stderr.write(`${problems.join('\n')}\n`);
  process.exitCode = 1;
}

/** Codes are written as whole string literals; KATAVM_HOME and its like, the environment's names, are read from an environment. */
async function codesInSources() {
  const codes = new Map();
  const sources = (await trackedFiles()).filter(
    (file) => /^(packages\/[^/]+\/src|tools\/build)\/.*\.[jt]s$/.test(file) && !file.endsWith('.test.ts'),
  );
  for (const file of sources) {
    const text = await readFile(file, 'utf8');
    for (const match of text.matchAll(/(\benv(?:ironment)?\??\.?\[)?(['"])(KATAVM_[A-Z0-9_]+)\2/g)) {
      if (match[1] === undefined) codes.set(match[3], file);
    }
  }
  return codes;
}
