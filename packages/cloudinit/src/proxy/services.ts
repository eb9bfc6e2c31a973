import type { ProxySettings } from '../adapter.js';
import { type GuestFile, proxyVariables } from './environment.js';

/** Services do not read /etc/environment. 0600: only systemd reads a drop-in. */
export function serviceFiles(proxy: ProxySettings): GuestFile[] {
  const variables = proxyVariables(proxy);
  if (variables.length === 0) return [];
  const content = ['[Service]', ...variables.map(([name, value]) => `Environment="${name}=${escapeSpecifiers(value)}"`), ''].join(
    '\n',
  );
  return ['docker', 'containerd'].map((service) => ({
    path: `/etc/systemd/system/${service}.service.d/http-proxy.conf`,
    content,
    permissions: '0600',
  }));
}

/** systemd expands %h and its like in Environment=, and URLs hold percent-encoded characters. */
function escapeSpecifiers(value: string): string {
  return value.replaceAll('%', '%%');
}
