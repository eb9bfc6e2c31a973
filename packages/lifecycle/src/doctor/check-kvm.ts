import { access, constants, readFile, stat } from 'node:fs/promises';
import { release } from 'node:os';
import { exec, isKatavmError } from '@katavm/core';
import { type Bootable, proveKvm } from '../acceleration/prove-kvm.js';
import { generationBoot } from '../clone/generation-boot.js';
import type { Context } from '../context/context.js';
import { findCurrent, listMasters } from '../state/generations.js';
import { type Finding, ok, warning } from './finding.js';

/** KVM proven by a kernel that runs, the rights that QEMU's user needs, and nested virtualisation. */
export async function checkKvm(context: Context, uri: string): Promise<Finding[]> {
  return [
    await looked('/dev/kvm rights', checkDevice(uri)),
    await looked('KVM runs a kernel', checkProof(context)),
    await checkNested(),
  ];
}

/** A host without QEMU cannot be asked; another row says that it lacks it. */
async function looked(check: string, work: Promise<Finding>): Promise<Finding> {
  try {
    return await work;
  } catch (error) {
    if (isKatavmError(error))
      return warning(check, `not tried: ${error.message}`, 'mend the rows that failed, and run this again');
    throw error;
  }
}

async function checkDevice(uri: string): Promise<Finding> {
  const check = '/dev/kvm rights';
  const device = await stat('/dev/kvm').catch(() => undefined);
  if (!device)
    return warning(
      check,
      'there is no /dev/kvm: guests are emulated, and their timings mean nothing',
      'enable virtualisation (VT-x, AMD-V) in the firmware, then: modprobe kvm',
    );
  const mode = (device.mode & 0o777).toString(8).padStart(4, '0');
  const owner = `mode ${mode}, group ${device.gid}`;
  const forOthers = (device.mode & 0o006) === 0o006;
  const forGroup = (device.mode & 0o060) === 0o060 && device.gid === (await groupId('kvm'));
  const mine = await access('/dev/kvm', constants.R_OK | constants.W_OK).then(
    () => true,
    () => false,
  );
  const usable = uri.endsWith('/session') ? mine : forOthers || forGroup;
  if (usable) return ok(check, owner);
  // libvirtd as root then probes QEMU's capabilities again at every call, 90 s each (measured with libvirt 9.0).
  const mend = uri.endsWith('/session')
    ? 'sudo usermod -aG kvm "$USER", then log in again'
    : 'chgrp kvm /dev/kvm && chmod 660 /dev/kvm';
  return warning(check, `${owner}: the user that runs QEMU cannot open it, and libvirt becomes very slow`, mend);
}

async function groupId(name: string): Promise<number | undefined> {
  const { stdout, exitCode } = await exec('getent', ['group', name], { acceptExitCodes: [0, 2] });
  return exitCode === 0 ? Number(stdout.split(':')[2]) : undefined;
}

async function checkProof(context: Context): Promise<Finding> {
  const check = 'KVM runs a kernel';
  const bootable = await findBootable(context);
  if (!bootable) return warning(check, 'not tried: there is no kernel to try it with yet', 'build a master, and run this again');
  const probe = await proveKvm(context, bootable);
  if (probe.usable) return ok(check, probe.reason);
  return warning(
    check,
    `${probe.reason}: guests are emulated (TCG), and their timings mean nothing`,
    'on a virtual host, enable nested virtualisation there; on bare metal, see the firmware',
  );
}

/** A real kernel: a master's, or the host's own. */
async function findBootable(context: Context): Promise<Bootable | undefined> {
  for (const config of await listMasters(context.state)) {
    const generation = await findCurrent(context.state, config);
    if (generation) return generationBoot(generation);
  }
  const kernel = `/boot/vmlinuz-${release()}`;
  const readable = await access(kernel, constants.R_OK).then(
    () => true,
    () => false,
  );
  return readable
    ? { disk: kernel, format: 'raw', boot: { kind: 'kernel', kernel, initrd: undefined, commandLine: '' } }
    : undefined;
}

async function checkNested(): Promise<Finding> {
  const check = 'nested virtualisation';
  const values = await Promise.all(
    ['kvm_intel', 'kvm_amd'].map((name) => readFile(`/sys/module/${name}/parameters/nested`, 'utf8').catch(() => '')),
  );
  const value = values.join('').trim();
  if (/^[Y1]/.test(value)) return ok(check, 'on: jobs can run VM-based containers');
  const found = value === '' ? 'unknown: no kvm module is loaded' : 'off: metrics of VM-based containers need it';
  return warning(check, found, "echo 'options kvm_intel nested=1' > /etc/modprobe.d/kvm.conf (kvm_amd on AMD), then reboot");
}
