import { ExitCode, KatavmError } from '@katavm/core';
import { hintForClosedPath } from './closed-path.js';

interface KnownRefusal {
  readonly said: RegExp;
  readonly hint: string;
  readonly exitCode?: ExitCode;
}

/** What libvirt and QEMU say most often when they refuse, and what helps. */
const known: readonly KnownRefusal[] = [
  {
    said: /Could not access KVM|\/dev\/kvm|invalid argument: could not get preferred machine|domain type kvm/i,
    hint: 'this host cannot run KVM guests: see "katavm doctor", or set vm.acceleration to tcg',
    exitCode: ExitCode.hostNotReady,
  },
  {
    said: /network '?[^']*'? is not active|Network not found/i,
    hint: 'look with "virsh net-list --all" and start it with "virsh net-start NAME", or set vm.network to user',
    exitCode: ExitCode.hostNotReady,
  },
  {
    said: /Cannot get interface MTU|Unable to add bridge|Unable to create tap device/i,
    hint: 'check that the bridge named by vm.network exists ("ip link"), or set vm.network to user',
    exitCode: ExitCode.hostNotReady,
  },
  {
    said: /Cannot access storage file|Permission denied/i,
    hint: 'the QEMU user must reach the file: every folder above it needs "chmod o+x", also that of KATAVM_HOME',
    exitCode: ExitCode.hostNotReady,
  },
  {
    said: /cannot set up guest memory|Cannot allocate memory/i,
    hint: 'the host has too little free memory: end other clones, or lower vm.memory',
    exitCode: ExitCode.hostNotReady,
  },
  { said: /No space left on device/i, hint: 'free some space, for example with "katavm gc"', exitCode: ExitCode.hostNotReady },
];

/**
 * libvirt tries a disk as the user that QEMU runs as, before it starts QEMU, and says who that is; what the disk stands on, QEMU alone
 * finds closed.
 */
const closed = [
  /Cannot access (?:storage|backing) file '(?<path>[^']+)'.*? \(as uid:(?<uid>\d+), gid:(?<gid>\d+)\)/,
  /Could not open '(?<path>[^']+)': Permission denied/,
];

function closedPath(said: string): KnownRefusal | undefined {
  for (const pattern of closed) {
    const { path, uid, gid } = pattern.exec(said)?.groups ?? {};
    const user = uid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) };
    const hint = path && hintForClosedPath(path, user);
    if (hint) return { said: pattern, hint, exitCode: ExitCode.hostNotReady };
  }
  return undefined;
}

/** The error for anything that libvirt refused, in libvirt's own words. `doing` as in `could not ${doing}`. */
export function refused(doing: string, said: string): KatavmError {
  const refusal = closedPath(said) ?? known.find((candidate) => candidate.said.test(said));
  return new KatavmError({
    code: 'KATAVM_LIBVIRT_REFUSED',
    message: `libvirt could not ${doing}: ${said.replaceAll('\n', ': ')}`,
    hint: refusal?.hint ?? 'the log of libvirt may say more: journalctl -u libvirtd, and /var/log/libvirt/qemu/NAME.log',
    exitCode: refusal?.exitCode,
    details: { said },
  });
}
