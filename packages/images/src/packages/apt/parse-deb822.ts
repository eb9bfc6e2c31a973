import { isNo, isYes, words } from './parse-one-line.js';
import type { SourceEntry } from './source-entry.js';

/** Binary archives of a *.sources file: sources.list(5), deb822-style format. A stanza with several URIs and suites is several entries. */
export function parseDeb822Sources(text: string): SourceEntry[] {
  // Comments go first: one may stand between the lines of a field.
  const plain = text.replace(/\r/g, '').replace(/^#.*\n?/gm, '');
  return plain.split(/\n\s*\n/).flatMap((stanza) => toEntries(readFields(stanza)));
}

type Fields = (name: string) => string | undefined;

function readFields(stanza: string): Fields {
  const fields = new Map<string, string>();
  let last: string | undefined;
  for (const line of stanza.split('\n')) {
    const [, name, value] = /^([\w-]+):(.*)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) {
      last = name.toLowerCase();
      fields.set(last, value.trim());
    } else if (last !== undefined && /^\s/.test(line)) {
      fields.set(last, `${fields.get(last)}\n${line.trim()}`);
    }
  }
  return (name) => fields.get(name);
}

function toEntries(field: Fields): SourceEntry[] {
  if (!words(field('types') ?? '').includes('deb') || isNo(field('enabled'))) return [];
  const suites = words(field('suites') ?? '');
  return words(field('uris') ?? '').flatMap((uri) =>
    suites.map((suite) => ({
      ...{ uri, suite, components: words(field('components') ?? ''), architectures: words(field('architectures') ?? '') },
      signedBy: words(field('signed-by') ?? '').find((word) => word.startsWith('/')),
      trusted: isYes(field('trusted')),
      checkValidUntil: !isNo(field('check-valid-until')),
    })),
  );
}
