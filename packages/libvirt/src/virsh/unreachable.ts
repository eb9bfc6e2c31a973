import { existsSync } from 'node:fs';
import { ExitCode, KatavmError } from '@katavm/core';

/** The error for a connection that could not be made; `said` is virsh's own text. */
export function cannotConnect(uri: string, said: string): KatavmError {
  const reason = withoutPreamble(said);
  return unreachable(`cannot connect to libvirt at ${uri}: ${reason}`, hintFor(uri, reason));
}

/** The error for a connection that was there and ended. */
export function connectionLost(uri: string, reason: string): KatavmError {
  return unreachable(
    `the connection to libvirt at ${uri} has ended: ${reason}`,
    'libvirt may have been restarted: see "katavm doctor", then run the command again; "katavm gc" removes what is left',
  );
}

function withoutPreamble(said: string): string {
  const lines = said.split('\n').map((line) => line.replace(/^error: /, '').trim());
  return lines.filter((line) => line !== '' && line !== 'failed to connect to the hypervisor').join(': ') || said;
}

function unreachable(message: string, hint: string): KatavmError {
  return new KatavmError({ code: 'KATAVM_LIBVIRT_UNREACHABLE', message, hint, exitCode: ExitCode.hostNotReady });
}

function hintFor(uri: string, said: string): string {
  if (/permission denied|polkit|authentication|access denied|system bus/i.test(said)) {
    return 'this user may not use the libvirt of the system: run "sudo usermod -aG libvirt $USER" and log in again, or use qemu:///session';
  }
  if (uri.includes('/session'))
    return 'install libvirt (libvirt-daemon-system); root has no session of its own and uses qemu:///system';
  if (!/connect socket|connection refused|no such file/i.test(said)) return 'try the same by hand: virsh --connect URI list';
  return runsSystemd()
    ? 'start libvirt: systemctl start libvirtd (or virtqemud.socket, where libvirt is split into one daemon per driver)'
    : 'start libvirt: virtlogd -d; libvirtd -d';
}

/** The test that sd_booted(3) makes. */
function runsSystemd(): boolean {
  return existsSync('/run/systemd/system');
}
