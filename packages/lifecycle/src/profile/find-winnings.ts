import type { ChainLink, SlowUnit } from './parse-analyze.js';

/** A unit that the boot spends time on, and that somebody who does not need it can switch off. */
export interface Winning extends SlowUnit {
  /** Others wait for it: without it the boot is shorter. Otherwise it only takes the processor from them. */
  readonly onCriticalChain: boolean;
  /** For `complete.commands` of the config. */
  readonly command: string;
}

/** Without these no job gets in, or not as who it is. */
const needed =
  /^(ssh|sshd|ssh\.socket|sshd\.socket|katavm-identity|systemd-networkd|systemd-resolved|NetworkManager|networking|dbus.*|systemd-(udevd|journald|logind|sysctl|tmpfiles-.*)|getty@|serial-getty@)/;

/** What takes less of all that userspace takes is not worth the thought. */
const worthShare = 0.01;

/** The enabled services that a boot spends time on and a job can do without, the most expensive first. */
export function findWinnings(
  blame: readonly SlowUnit[],
  chains: readonly (readonly ChainLink[])[],
  enabled: readonly string[],
  userspaceSeconds: number,
): Winning[] {
  const onChain = new Set(chains.flat().map(({ unit }) => unit));
  return blame
    .filter(({ unit }) => unit.endsWith('.service') && enabled.includes(unit) && !needed.test(unit))
    .filter(({ unit, seconds }) => onChain.has(unit) || seconds >= worthShare * userspaceSeconds)
    .map(({ unit, seconds }) => ({ unit, seconds, onCriticalChain: onChain.has(unit), command: `systemctl disable ${unit}` }));
}
