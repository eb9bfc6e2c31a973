import { open } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { resolve } from 'node:path';
import { messageOf, systemErrorCode } from '@katavm/core';
import type { KvmProbe, ProbeKvmInput } from '../adapter.js';
import { type BootOutcome, bootKernel } from './boot-kernel.js';

/** Under KVM a kernel prints its first line within one second of QEMU's start, and has booted in another; a busy host may take a few. */
const kernelTimeoutMilliseconds = 10_000;

/** A disk brings firmware and a boot loader, whose menu may wait 5 s, before the kernel. */
const diskTimeoutMilliseconds = 30_000;

/**
 * Boots a real 64-bit kernel under KVM and believes nothing less: on some nested hosts /dev/kvm opens, firmware runs, and a 64-bit
 * kernel hangs at its first instructions, or some seconds later.
 *
 * A host without QEMU is an answer too. It is asked as this user: on qemu:///system, the QEMU user needs /dev/kvm as well.
 *
 * @throws KATAVM_INTERRUPTED when `signal` is aborted.
 */
export async function probeKvm(input: ProbeKvmInput): Promise<KvmProbe> {
  const closed = await whyClosed();
  if (closed !== undefined) return { usable: false, proven: false, reason: closed };
  const timeoutMilliseconds = input.timeoutMilliseconds ?? (input.kernel ? kernelTimeoutMilliseconds : diskTimeoutMilliseconds);
  const outcome = await bootKernel({ accelerator: 'kvm', boot: bootArguments(input), timeoutMilliseconds, signal: input.signal });
  const proven = !(outcome.ended && outcome.reached === 'nothing');
  return { usable: outcome.reached === 'first process', proven, reason: reasonFor(outcome, timeoutMilliseconds) };
}

/** Whether this user can open /dev/kvm at this moment. */
export async function isKvmOpen(): Promise<boolean> {
  return (await whyClosed()) === undefined;
}

async function whyClosed(): Promise<string | undefined> {
  try {
    await (await open('/dev/kvm', 'r+')).close();
    return undefined;
  } catch (error) {
    return `/dev/kvm cannot be opened: ${explanations[systemErrorCode(error) ?? ''] ?? messageOf(error)}`;
  }
}

const explanations: Readonly<Record<string, string>> = {
  ENOENT: 'there is none (virtualisation is off in the firmware, or the modules kvm_intel or kvm_amd are not loaded)',
  EACCES: `permission denied for ${userInfo().username}: run "sudo usermod -aG kvm $USER" and log in again`,
  ENODEV: 'the kernel has no KVM for this processor',
};

/** QEMU's arguments for what is to be booted. */
export function bootArguments(input: Pick<ProbeKvmInput, 'kernel' | 'disk'>): string[] {
  if (input.kernel) {
    // panic=-1 with -no-reboot: without a root file system the kernel ends by itself, and QEMU with it.
    return ['-kernel', resolve(input.kernel.path), '-append', 'console=ttyS0 earlyprintk=ttyS0 panic=-1'];
  }
  if (!input.disk) throw new Error('probeKvm needs a kernel or a disk to boot');
  // QEMU reads a comma as the next option, and two as one comma.
  const file = resolve(input.disk.path).replaceAll(',', ',,');
  return ['-drive', `file=${file},format=${input.disk.format},if=virtio,snapshot=on`];
}

function reasonFor({ reached, lastLine, ended, said }: BootOutcome, timeoutMilliseconds: number): string {
  if (reached === 'first process') return 'a Linux kernel booted under KVM';
  const [qemuSaid] = said.split('\n', 1);
  if (ended && reached === 'nothing') {
    return `/dev/kvm opens, but QEMU ended under it before a kernel ran: ${qemuSaid || 'it said nothing'}`;
  }
  const patience = `${timeoutMilliseconds / 1000} s`;
  const happened = {
    nothing: `no kernel printed a word within ${patience} under it`,
    'first line': `a kernel came no further than ${JSON.stringify(lastLine)} under it${ended ? '' : ` in ${patience}`}`,
  };
  return `/dev/kvm opens, but ${happened[reached]}: this host cannot run 64-bit guests under KVM${qemuSaid && ` (QEMU said: ${qemuSaid})`}`;
}
