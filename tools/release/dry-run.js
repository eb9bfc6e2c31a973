// Shows what a release would publish: the version each package has and gets, its tarball and all that is in it. Reads the
// changesets and git's tags, asks no registry, changes nothing. With --json, one object.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import getReleasePlan from '@changesets/get-release-plan';
import { exec } from '../../packages/core/dist/index.js';
import { pack, publishedPackages } from './packages.js';

const { releases } = await getReleasePlan(process.cwd());
const { stdout } = await exec('git', ['tag', '--list']);
const tags = new Set(stdout.split('\n'));

const publications = [];
const folder = await mkdtemp(join(tmpdir(), 'katavm-release-'));
try {
  for (const { folder: source, manifest } of await publishedPackages()) {
    const { name, version } = manifest;
    const release = releases.find((candidate) => candidate.name === name && candidate.type !== 'none');
    const next = release?.newVersion ?? version;
    // changesets tags what it publishes: a version without a tag waits to be published.
    if (tags.has(`${name}@${next}`)) continue;
    const { filename, size, files } = await pack(source, folder);
    const tarball = filename.slice(folder.length + 1).replace(`-${version}.tgz`, `-${next}.tgz`);
    publications.push({
      name,
      from: version,
      to: next,
      change: release?.type ?? null,
      tarball,
      bytes: size,
      files: files.map(({ path }) => path),
    });
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}

process.stdout.write(process.argv.includes('--json') ? `${JSON.stringify({ publications })}\n` : text());

function text() {
  if (publications.length === 0) return 'Nothing would be published: no changeset is waiting, and every version has its tag.\n';
  const told = publications.map(
    ({ name, from, to, change, tarball, bytes, files }) =>
      `${name}  ${from} -> ${to}  (${change ?? 'not published yet'})\n  ${tarball}, ${(bytes / 1024).toFixed(1)} KiB, ${files.length} files\n${files.map((file) => `    ${file}\n`).join('')}`,
  );
  return `${publications.length} packages would be published:\n\n${told.join('\n')}`;
}
