// What must stand in no file: the names of package registries and distribution mirrors (each site has its own, which its
// npm and apt are set up with), and paths of the machine that this runs on.
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { trackedFiles } from './tracked-files.js';

// Put together here, so that this file does not hold them either.
const name = (...labels) => labels.join('.').replaceAll('.', '\\.');
const hosts = [
  name('registry', '(npmjs|yarnpkg|npmmirror)'),
  name('(files|pypi)', '(pythonhosted|python)', 'org'),
  name('pypi', 'org'),
  name('(deb|security|ftp|snapshot|archive)', '([a-z]+[.])?debian', 'org'),
  name('(archive|security|ports|([a-z]+[.])?mirrors?)', 'ubuntu', 'com'),
  name('(dl|mirrors?)', 'fedoraproject', 'org'),
];
const machine = [process.cwd(), homedir()].filter((path) => path.split('/').length > 2);
const forbidden = [
  ...hosts.map((host) => ({ what: 'a registry or mirror', pattern: new RegExp(`\\b${host}\\b`, 'i') })),
  ...machine.map((path) => ({
    what: 'a path of this machine',
    pattern: new RegExp(`(?<![\\w.-])${path.replaceAll(/[.*+?^$(){}|[\]\\]/g, '\\$&')}(?![\\w-])`),
  })),
];

let clean = true;
for (const file of await trackedFiles()) {
  const text = await readFile(file, 'utf8');
  if (text.includes('\0')) continue;
  text.split('\n').forEach((line, index) => {
    for (const { what, pattern } of forbidden) {
      if (!pattern.test(line)) continue;
      process.stderr.write(`${file}:${index + 1}: ${what}: ${line.trim().slice(0, 160)}\n`);
      clean = false;
    }
  });
}
process.exitCode = clean ? 0 : 1;
