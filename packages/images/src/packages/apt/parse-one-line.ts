import type { SourceEntry } from './source-entry.js';

/** `deb [ option=value … ] uri suite component …`, of sources.list and *.list: sources.list(5), one-line-style format. */
const oneLine = /^deb\s+(?:\[([^\]]*)\]\s*)?(\S+)\s+(\S+)(?:\s+(.*))?$/;

/** Binary archives of a file in apt's one-line style. What is not understood is passed over: apt itself is the judge of it. */
export function parseOneLineSources(text: string): SourceEntry[] {
  return text.split('\n').flatMap((line) => {
    const [, options = '', uri, suite, components = ''] = oneLine.exec(line.replace(/#.*/, '').trim()) ?? [];
    if (uri === undefined || suite === undefined) return [];
    const option = readOptions(options);
    return {
      ...{ uri, suite, components: words(components), architectures: option('arch')?.split(',') ?? [] },
      signedBy: option('signed-by')
        ?.split(',')
        .find((path) => path.startsWith('/')),
      trusted: isYes(option('trusted')),
      checkValidUntil: !isNo(option('check-valid-until')),
    };
  });
}

function readOptions(text: string): (name: string) => string | undefined {
  const options = new Map<string, string>();
  for (const word of words(text)) {
    const [, name, value] = /^([\w-]+)=(.*)$/.exec(word) ?? [];
    if (name !== undefined && value !== undefined) options.set(name.toLowerCase(), value.replace(/^"(.*)"$/, '$1'));
  }
  return (name) => options.get(name);
}

export function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

export function isYes(value: string | undefined): boolean {
  return /^(yes|true|1|on|with|enable)$/i.test(value ?? '');
}

export function isNo(value: string | undefined): boolean {
  return /^(no|false|0|off|without|disable)$/i.test(value ?? '');
}
