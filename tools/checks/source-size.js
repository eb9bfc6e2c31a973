// Small files, and nothing twice: no source file above 300 lines, no 15 lines in a row that stand in two places.
import { readFile } from 'node:fs/promises';
import { trackedFiles } from './tracked-files.js';

const mostLines = 300;
/** Long enough that two places say the same, not only look alike (imports, closing braces). */
const sameLines = 15;

/** One script that stands alone, so that it can be run on any host by itself. */
const larger = new Set(['e2e/minimal-guest/make-minimal-guest']);

const problems = [];
/** @type {Map<string, string>} */
const seen = new Map();

for (const file of await trackedFiles()) {
  const script = /^tools\/|^e2e\/[^/]+\/make-/.test(file) && !/\.[a-z]+$/.test(file);
  if (!script && !/\.(ts|js|sh)$/.test(file)) continue;
  const lines = (await readFile(file, 'utf8')).split('\n');
  // The last newline ends a line and begins none.
  const count = lines.length - 1;
  if (count > mostLines && !larger.has(file)) problems.push(`${file}: ${count} lines, above ${mostLines}`);
  problems.push(...repeated(file, lines));
}

if (problems.length > 0) {
  process.stderr.write(`${problems.join('\n')}\n`);
  process.exitCode = 1;
}

/** The first lines of this file that stand elsewhere too. One message a file is enough to find the rest. */
function repeated(file, lines) {
  const told = lines
    .map((line, index) => ({ text: line.trim(), number: index + 1 }))
    .filter(({ text }) => text !== '' && !text.startsWith('import '));
  let found = [];
  for (let at = 0; at + sameLines <= told.length; at++) {
    const part = told.slice(at, at + sameLines);
    const key = part.map(({ text }) => text).join('\n');
    const other = seen.get(key);
    if (other === undefined) seen.set(key, `${file}:${part[0].number}`);
    else if (found.length === 0) found = [`${file}:${part[0].number}: ${sameLines} lines that stand at ${other} too`];
  }
  return found;
}
