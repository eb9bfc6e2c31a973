import type { SourceEntry } from './source-entry.js';

export type Distribution = 'debian' | 'ubuntu';

export interface Wanted {
  readonly distribution: Distribution;
  readonly suite: string;
  readonly components: readonly string[];
  /** Debian's name: `amd64`. */
  readonly architecture: string;
}

/** Suites that roll: what is new in them goes into the suite itself. */
const rolling = new Set(['sid', 'unstable', 'experimental']);

/**
 * Which of the host's archives give the wanted suite: its main archive, and where the host uses them, updates and security.
 * A host of one release can make guests of another of the same distribution: the same archives, another suite.
 *
 * @returns an empty list where the host names no archive of that distribution.
 */
export function chooseSources(host: readonly SourceEntry[], wanted: Wanted): SourceEntry[] {
  const archives = host.filter((entry) => serves(entry, wanted));
  const main = prefer(archives, (entry) => pocketOf(entry.suite) === 'main', wanted.suite);
  if (!main) return [];
  const release = { ...main, suite: wanted.suite, components: wanted.components };
  if (rolling.has(wanted.suite)) return [release];
  const pockets = (['updates', 'security'] as const).flatMap((pocket) => {
    const entry = prefer(archives, ({ suite }) => pocketOf(suite) === pocket, `${wanted.suite}-${pocket}`);
    if (!entry) return [];
    // Debian 10 and older named it buster/updates; where the host has the wanted one, it knows the name.
    const suite = entry.suite.startsWith(`${wanted.suite}/`) ? entry.suite : `${wanted.suite}-${pocket}`;
    return { ...entry, suite, components: wanted.components };
  });
  return [release, ...pockets];
}

/** The entry of the very suite, else the first of its kind. */
function prefer(
  entries: readonly SourceEntry[],
  ofKind: (entry: SourceEntry) => boolean,
  suite: string,
): SourceEntry | undefined {
  const candidates = entries.filter(ofKind);
  return candidates.find((entry) => entry.suite === suite) ?? candidates[0];
}

function pocketOf(suite: string): 'main' | 'updates' | 'security' | 'other' {
  if (suite.endsWith('-security') || suite.endsWith('/updates')) return 'security';
  if (suite.endsWith('-updates')) return 'updates';
  return /-(backports|backports-sloppy|proposed|proposed-updates)$/.test(suite) || suite.endsWith('/') ? 'other' : 'main';
}

function serves(entry: SourceEntry, wanted: Wanted): boolean {
  return (
    /^https?:\/\//.test(entry.uri) &&
    (entry.architectures.length === 0 || entry.architectures.includes(wanted.architecture)) &&
    entry.components.includes('main') &&
    isArchiveOf(entry, wanted.distribution)
  );
}

/**
 * Third parties' archives use the distribution's suites and even its components; what tells them apart is the key, or the path's
 * last part, which mirrors keep: debian, debian-security, ubuntu, ubuntu-ports.
 */
function isArchiveOf({ uri, signedBy }: SourceEntry, distribution: Distribution): boolean {
  const last = uri.replace(/\/+$/, '').split('/').at(-1) ?? '';
  const byPath = distribution === 'debian' ? /^debian(-security)?$/ : /^ubuntu(-ports|-security)?$/;
  return byPath.test(last) || (signedBy?.includes(`/${distribution}-archive-`) ?? false);
}
