import type { ProxySettings } from '../adapter.js';
import { directHosts, type GuestFile } from './environment.js';
import { gitProxyScript } from './git-proxy-script.js';

const helper = '/usr/local/bin/katavm-git-proxy';

/** git's system configuration, and the helper that git runs for git:// URLs. Readable by all: git runs as whoever calls it. */
export function gitFiles(proxy: ProxySettings): GuestFile[] {
  const url = proxy.https ?? proxy.http;
  const lines = [
    // http.proxy serves http:// and https:// remotes; no_proxy of the environment applies to it.
    ...(url ? ['[http]', `\tproxy = ${url}`] : []),
    ...(proxy.git
      ? ['[core]', ...directNames(proxy).map((name) => `\tgitProxy = none for ${name}`), `\tgitProxy = ${helper}`]
      : []),
  ];
  const configuration: GuestFile = {
    path: '/etc/gitconfig',
    content: `\n${lines.join('\n')}\n`,
    permissions: '0644',
    append: true,
  };
  return [
    ...(lines.length > 0 ? [configuration] : []),
    ...(proxy.git ? [{ path: helper, content: gitProxyScript(proxy.git), permissions: '0755' }] : []),
  ];
}

/** git matches a host name and all below it, and takes the first line that matches; networks and patterns it does not know. */
function directNames(proxy: ProxySettings): string[] {
  return directHosts(proxy)
    .map((host) => host.replace(/^\*?\./, ''))
    .filter((host) => /^[A-Za-z0-9.-]+$/.test(host));
}
