import type { ProxySettings } from '../adapter.js';

/** A file for cloud-init's write_files. */
export interface GuestFile {
  readonly path: string;
  readonly content: string;
  readonly permissions: string;
  readonly append?: true;
}

/** Never through a proxy: the guest itself. */
const alwaysDirect = ['localhost', '127.0.0.1', '::1'];

export function directHosts({ noProxy }: ProxySettings): string[] {
  return [...new Set([...alwaysDirect, ...(noProxy ?? [])])];
}

/** The variables that programs look for: there is no standard, and curl reads http_proxy only in lower case. */
export function proxyVariables(proxy: ProxySettings): [name: string, value: string][] {
  if (!proxy.http && !proxy.https) return [];
  const set: [string, string | undefined][] = [
    ['http_proxy', proxy.http],
    ['https_proxy', proxy.https],
    ['no_proxy', directHosts(proxy).join(',')],
  ];
  return set.flatMap(([name, value]): [string, string][] =>
    value
      ? [
          [name, value],
          [name.toUpperCase(), value],
        ]
      : [],
  );
}

/** Appended, since images and configs put other things there. 0644: every login reads it, and a login must know its proxy. */
export function environmentFile(proxy: ProxySettings): GuestFile[] {
  const lines = proxyVariables(proxy).map(([name, value]) => `${name}="${value}"\n`);
  if (lines.length === 0) return [];
  return [{ path: '/etc/environment', content: `\n${lines.join('')}`, permissions: '0644', append: true }];
}
