import type { SourceEntry } from './source-entry.js';

/** sources.list, for the build and for the guest. */
export function renderSources(entries: readonly SourceEntry[], architecture: string): string {
  return entries
    .map((entry) => `deb [${optionsOf(entry, architecture)}] ${entry.uri} ${entry.suite} ${entry.components.join(' ')}\n`)
    .join('');
}

function optionsOf({ signedBy, trusted, checkValidUntil }: SourceEntry, architecture: string): string {
  return [
    `arch=${architecture}`,
    ...(signedBy === undefined ? [] : [`signed-by=${signedBy}`]),
    ...(trusted ? ['trusted=yes'] : []),
    ...(checkValidUntil ? [] : ['check-valid-until=no']),
  ].join(' ');
}
