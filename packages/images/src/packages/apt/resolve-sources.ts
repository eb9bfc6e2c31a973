import { existsSync } from 'node:fs';
import { ExitCode, KatavmError } from '@katavm/core';
import type { PackagesSource } from '../../schema.js';
import { chooseSources, type Wanted } from './choose-sources.js';
import { readHostSources } from './host-sources.js';
import type { SourceEntry } from './source-entry.js';

/**
 * The archives that a base is made from: the config's mirror, else those of the host's own apt.
 *
 * @throws KATAVM_BASE_NO_MIRROR, KATAVM_BASE_MIRROR_SECRET
 */
export async function resolveSources(source: PackagesSource, wanted: Wanted, aptDirectory?: string): Promise<SourceEntry[]> {
  const chosen =
    source.mirror === undefined ? chooseSources(await readHostSources(aptDirectory), wanted) : [ofMirror(source.mirror, wanted)];
  if (chosen.length === 0) throw noMirror(wanted);
  for (const { uri } of chosen) refuseSecret(uri);
  return chosen.map((entry) => ({ ...entry, signedBy: source.keyring ?? entry.signedBy ?? ownKeyring(wanted) }));
}

function ofMirror(mirror: string, { suite, components }: Wanted): SourceEntry {
  // URL's own spelling: no space and no line break gets into sources.list.
  const uri = new URL(mirror).href;
  return { uri, suite, components, architectures: [], signedBy: undefined, trusted: false, checkValidUntil: true };
}

/** Of debian-archive-keyring and ubuntu-keyring: on the host if installed, and at the same place in each guest of theirs. */
function ownKeyring({ distribution }: Wanted): string | undefined {
  const path = `/usr/share/keyrings/${distribution}-archive-keyring.gpg`;
  return existsSync(path) ? path : undefined;
}

function noMirror({ distribution, suite }: Wanted): KatavmError {
  return new KatavmError({
    code: 'KATAVM_BASE_NO_MIRROR',
    message: `cannot make a base of ${distribution} ${suite}: the apt sources of this host (/etc/apt) name no archive of ${distribution}`,
    hint: 'name one in the config: base: {packages: {mirror: "https://mirror.example.com/…"}}',
    exitCode: ExitCode.usage,
    details: { distribution, suite },
  });
}

function refuseSecret(uri: string): void {
  if (!/^[a-z]+:\/\/[^/]*@/.test(uri)) return;
  throw new KatavmError({
    code: 'KATAVM_BASE_MIRROR_SECRET',
    message: `the apt source of this host at ${uri.replace(/\/\/[^/]*@/, '//')} holds a user name and a password: they would be written into every guest`,
    hint: 'name a mirror without them in the config (base.packages.mirror), or move them to /etc/apt/auth.conf.d',
    exitCode: ExitCode.usage,
  });
}
