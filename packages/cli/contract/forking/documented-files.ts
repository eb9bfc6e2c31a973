import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const page = new URL('../../../../docs/forking.md', import.meta.url);

/**
 * Writes the files that a section of docs/forking.md shows: each code block whose first line names a path after its language.
 * So the page cannot say what does not work.
 */
export async function writeDocumentedFiles(section: string, folder: string): Promise<void> {
  const files = filesOf(sectionOf(await readFile(page, 'utf8'), section));
  if (files.length === 0) throw new Error(`docs/forking.md shows no files below "${section}"`);
  for (const { path, text } of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

function sectionOf(markdown: string, heading: string): string {
  const [, section] = markdown.split(`\n## ${heading}\n`);
  return section?.split('\n## ')[0] ?? '';
}

function filesOf(markdown: string): { readonly path: string; readonly text: string }[] {
  const blocks = markdown.matchAll(/^```\w+ (?<path>\S+)\n(?<text>.*?)^```$/gms);
  return [...blocks].map(({ groups }) => ({ path: groups?.['path'] ?? '', text: groups?.['text'] ?? '' }));
}
