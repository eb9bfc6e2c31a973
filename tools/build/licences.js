import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What the licences of the bundled packages ask for: that their texts go along. @param modules the paths of what was bundled. */
export async function licencesOf(modules) {
  const folders = new Set(modules.map((path) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0]).filter(Boolean));
  const texts = [...folders].sort().map(async (folder) => {
    const { name, version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    const file = (await readdir(folder)).find((each) => /^licen[cs]e/i.test(each));
    return `${name} ${version}\n\n${await readFile(join(folder, file), 'utf8')}`;
  });
  return (await Promise.all(texts)).join('\n----------\n\n');
}
