import type { ErrorCode } from '@katavm/core';
import { suggest } from '@katavm/core/document';

/** What a failed build printed, read: which error it is, and what to do about it. */
export interface FailureKind {
  readonly code: ErrorCode;
  /** What happened, for the message. */
  readonly what: string;
  readonly hint: string;
}

/** Releases that a name may have been meant for: those that a base can be made of, and the next ones. */
const suites = [
  ...['buster', 'bullseye', 'bookworm', 'trixie', 'forky', 'sid', 'unstable', 'testing', 'stable', 'oldstable'],
  ...['bionic', 'focal', 'jammy', 'noble', 'resolute'],
];

/** Reads apt's errors, of the old resolver and of the one that apt has since 3.0. @returns `undefined` for what it does not know. */
export function failureKind(text: string): FailureKind | undefined {
  return missingSuite(text) ?? missingPackages(text) ?? conflictingPackages(text) ?? known(text);
}

function missingSuite(text: string): FailureKind | undefined {
  const [, archive, suite = ''] =
    /The repository '(\S+) (\S+) (?:Release|InRelease)' does not have a Release file/.exec(text) ?? [];
  if (archive === undefined) return undefined;
  const nearest = suites.includes(suite) ? undefined : suggest(suite, suites);
  return {
    code: 'KATAVM_BASE_SUITE_MISSING',
    what: `${archive} has no suite "${suite}"`,
    hint: nearest
      ? `did you mean "${nearest}"? The name is base.packages.suite`
      : 'check base.packages.suite and base.packages.distribution, and whether the mirror (base.packages.mirror) has that release still, or yet',
  };
}

function missingPackages(text: string): FailureKind | undefined {
  const missing = [...text.matchAll(/^E: (?:Unable to locate package (\S+)|Package '?(\S+?)'? has no installation candidate)/gm)];
  if (missing.length === 0) return undefined;
  const names = [...new Set(missing.map(([, absent, withoutCandidate]) => absent ?? withoutCandidate))];
  return {
    code: 'KATAVM_BASE_PACKAGE_MISSING',
    what: `the mirror has no package ${names.join(', ')}`,
    hint: 'check the names under base.packages.include for this release, and whether components must hold more than main (universe, contrib); a partial mirror may lack them: name another one as base.packages.mirror',
  };
}

function conflictingPackages(text: string): FailureKind | undefined {
  if (!/^E: Unable to (correct problems, you have held broken packages|satisfy dependencies)/m.test(text)) return undefined;
  return {
    code: 'KATAVM_BASE_PACKAGE_CONFLICT',
    what: 'these packages cannot be installed together from this mirror',
    hint: 'the lines above name what is missing or held back: the mirror may be in the middle of an update, or be partial. Try again later, or name another one as base.packages.mirror',
  };
}

/** What else fails often. */
const others: readonly (readonly [RegExp, string])[] = [
  [
    /NO_PUBKEY|is not signed|signatures? (couldn't|were|are) |GPG error/,
    "name the mirror's keyring as base.packages.keyring, or install the distribution's (debian-archive-keyring, ubuntu-keyring)",
  ],
  [/404 +Not Found/, 'the mirror lacks a file that its lists name: try again later, or name another one as base.packages.mirror'],
  [
    /Could not resolve|Temporary failure resolving|Could not connect|Unable to connect|Connection (refused|timed out|failed)/,
    'the mirror cannot be reached: check the network, http_proxy, and base.packages.mirror',
  ],
  [
    /newuidmap|subuid|subgid|unprivileged_userns|unshare.*(failed|Operation not permitted)/,
    'an ordinary user needs subordinate ids: install uidmap, then run: sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 "$USER"',
  ],
];

function known(text: string): FailureKind | undefined {
  const hint = others.find(([pattern]) => pattern.test(text))?.[1];
  return hint === undefined ? undefined : { code: 'KATAVM_BASE_BUILD_FAILED', what: 'mmdebstrap failed', hint };
}
