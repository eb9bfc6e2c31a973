import { extname } from 'node:path';
import type { Distribution } from './choose-sources.js';
import type { SourceEntry } from './source-entry.js';

/** A keyring file of the host that no package of the guest brings. */
export interface GuestKeyring {
  readonly hostPath: string;
  readonly guestPath: string;
}

/** The guest's sources, which name keyrings where the guest has them, and the keyrings that must be put there. */
export interface GuestSources {
  readonly entries: readonly SourceEntry[];
  readonly keyrings: readonly GuestKeyring[];
}

/** A guest must not depend on where its host keeps a file. The distribution's own keyring has the same place everywhere. */
export function toGuestSources(entries: readonly SourceEntry[], distribution: Distribution): GuestSources {
  const own = `/usr/share/keyrings/${distribution}-archive-`;
  const foreign = [...new Set(entries.flatMap(({ signedBy }) => signedBy ?? []))].filter((path) => !path.startsWith(own));
  // apt reads a file by its ending: .asc is armoured, .gpg is not.
  const keyrings = foreign.map((hostPath, index) => ({
    hostPath,
    guestPath: `/usr/share/keyrings/katavm-mirror-${index + 1}${extname(hostPath)}`,
  }));
  const inGuest = (path: string | undefined) => keyrings.find(({ hostPath }) => hostPath === path)?.guestPath ?? path;
  return { entries: entries.map((entry) => ({ ...entry, signedBy: inGuest(entry.signedBy) })), keyrings };
}
