import { createHash } from 'node:crypto';
import { open, readFile, stat } from 'node:fs/promises';
import { release } from 'node:os';
import { isKatavmError } from '@katavm/core';
import { z } from '@katavm/core/schema';
import type { BaseBoot } from '@katavm/images';
import type { KvmProbe, ProbeKvmInput } from '@katavm/libvirt';
import type { Context } from '../context/context.js';
import { readJson, writeJson } from '../state/json-file.js';

/** What can be booted to prove KVM. */
export interface Bootable {
  readonly disk: string;
  readonly format: 'qcow2' | 'raw';
  readonly boot: BaseBoot;
}

/**
 * What booted kernels have shown of this host. One that ran proves KVM for all; one that did not says nothing of another: a disk
 * may boot no kernel that writes to a serial console.
 */
const rememberedSchema = z.strictObject({
  host: z.string(),
  ran: z.string().optional(),
  failed: z.record(z.string(), z.string()),
});

type Remembered = z.infer<typeof rememberedSchema>;

/**
 * Whether guests run under KVM here. A kernel takes 10 s to show that they do not, so what a kernel has shown is kept until the host
 * changes. Everything else is looked at each time: a user may join the group kvm, and another program may let go of the processor.
 */
export async function proveKvm(context: Context, bootable: Bootable, signal?: AbortSignal): Promise<KvmProbe> {
  const { libvirt } = context.adapters;
  const probe = () => libvirt.probeKvm({ ...whatToBoot(bootable), signal });
  if (!(await libvirt.isKvmOpen())) return probe();
  const [host, tried] = await Promise.all([describeHost(), describeBootable(bootable)]);
  const before = await remembered(context, host);
  const known = whatIsKnown(before, tried);
  if (known) return known;
  const found = await probe();
  if (found.proven) await writeJson(context.state.kvmProbe, withProof(before, tried, found));
  return found;
}

function whatIsKnown({ ran, failed }: Remembered, tried: string): KvmProbe | undefined {
  if (ran !== undefined) return { usable: true, proven: true, reason: ran };
  const reason = failed[tried];
  return reason === undefined ? undefined : { usable: false, proven: true, reason };
}

function withProof({ host, failed }: Remembered, tried: string, { usable, reason }: KvmProbe): Remembered {
  return usable ? { host, ran: reason, failed: {} } : { host, failed: { ...failed, [tried]: reason } };
}

/** Nothing, where it is of another host, of another start of it, or in another katavm's form: the answer can be had again. */
async function remembered(context: Context, host: string): Promise<Remembered> {
  const found = await readJson(context.state.kvmProbe, rememberedSchema).catch((error: unknown) => {
    if (isKatavmError(error)) return undefined;
    throw error;
  });
  return found?.host === host ? found : { host, failed: {} };
}

function whatToBoot({ disk, format, boot }: Bootable): Pick<ProbeKvmInput, 'kernel' | 'disk'> {
  return boot.kind === 'kernel' ? { kernel: { path: boot.kernel } } : { disk: { path: disk, format } };
}

/** Changes with every start of the host, with its kernel, with KVM's module (which makes the device anew), and with QEMU. */
async function describeHost(): Promise<string> {
  const bootId = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
  const [qemu, kvm] = await Promise.all(
    ['/usr/bin/qemu-system-x86_64', '/dev/kvm'].map((path) => stat(path).catch(() => undefined)),
  );
  return [bootId.trim(), release(), kvm?.ino, qemu?.size, qemu?.mtimeMs].join(' ');
}

/** A kernel by its contents, as far as they cost nothing: a build, and each generation, has a copy of its own. */
async function describeBootable({ disk, boot }: Bootable): Promise<string> {
  if (boot.kind === 'kernel') return describeKernel(boot.kernel);
  const file = await stat(disk).catch(() => undefined);
  return [disk, file?.size, file?.mtimeMs].join(' ');
}

/** Beside its set-up code a kernel's first bytes hold its version, with the build's number and date (x86 boot protocol, kernel_version). */
const kernelHeadBytes = 64 * 1024;

async function describeKernel(path: string): Promise<string> {
  const file = await open(path, 'r').catch(() => undefined);
  if (!file) return path;
  try {
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(kernelHeadBytes), position: 0 });
    const head = createHash('sha256').update(buffer.subarray(0, bytesRead)).digest('hex');
    return `kernel ${(await file.stat()).size} ${head}`;
  } finally {
    await file.close();
  }
}
