import type { CloudConfig, ProxySettings } from '../adapter.js';
import { environmentFile } from './environment.js';
import { gitFiles } from './git.js';
import { serviceFiles } from './services.js';

/** The guest's files that hold a proxy's URL after a build; see `CloudInitAdapter.proxyFiles`. */
export const proxyFiles: readonly string[] = [
  '/etc/environment',
  '/etc/apt/apt.conf.d/90cloud-init-aptproxy', // written by cloud-init's apt module
  '/etc/dnf/dnf.conf',
  '/etc/yum.conf',
  '/etc/gitconfig',
  '/usr/local/bin/katavm-git-proxy',
  '/etc/systemd/system/docker.service.d/http-proxy.conf',
  '/etc/systemd/system/containerd.service.d/http-proxy.conf',
];

/** The cloud-config that makes a guest use these proxies: apt, dnf and yum, every login and service, docker, containerd and git. */
export function proxyConfig(proxy: ProxySettings): CloudConfig {
  if (!proxy.http && !proxy.https && !proxy.git) return {};
  return {
    ...(proxy.http || proxy.https ? { apt: aptProxy(proxy) } : {}),
    write_files: [...environmentFile(proxy), ...serviceFiles(proxy), ...gitFiles(proxy)],
    ...(proxy.git ? { packages: ['socat'] } : {}),
  };
}

function aptProxy({ http, https }: ProxySettings): CloudConfig {
  return { ...(http ? { http_proxy: http } : {}), ...(https ? { https_proxy: https } : {}) };
}
