import type { SourceEntry } from './source-entry.js';

/** The lines of sources.list, for the build and for the guest. */
export function renderSources(entries: readonly SourceEntry[], architecture: string): string[] {
  return entries.map((entry) => {
    const { uri, suite, components } = entry;
    return `deb [${optionsOf(entry, architecture)}] ${uri} ${suite} ${components.join(' ')}`;
  });
}

function optionsOf({ signedBy, trusted, checkValidUntil }: SourceEntry, architecture: string): string {
  return [
    `arch=${architecture}`,
    ...(signedBy === undefined ? [] : [`signed-by=${signedBy}`]),
    ...(trusted ? ['trusted=yes'] : []),
    ...(checkValidUntil ? [] : ['check-valid-until=no']),
  ].join(' ');
}
