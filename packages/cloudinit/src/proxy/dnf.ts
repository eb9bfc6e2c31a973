import type { ProxySettings } from '../adapter.js';

/**
 * dnf's configuration has no drop-in folder that all its versions read, and compose does not know which guest it writes for: a
 * boot command appends to dnf.conf (yum.conf before it) where there is one. Its [main] is the only section the distributions
 * ship. Given as shell text, not as arguments, so that the URL never shows in a process list: printf is the shell's own.
 */
export function dnfProxyCommands(proxy: ProxySettings): string[] {
  const url = proxy.https ?? proxy.http;
  if (!url) return [];
  const command = [
    'for file in /etc/dnf/dnf.conf /etc/yum.conf; do',
    `if [ -e "$file" ] && ! grep -q '^proxy=' "$file"; then printf '\\nproxy=%s\\n' '${url}' >> "$file"; fi;`,
    'done',
  ].join(' ');
  return [command];
}
