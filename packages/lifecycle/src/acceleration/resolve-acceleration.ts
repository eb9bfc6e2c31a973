import { readFile, stat } from 'node:fs/promises';
import { release } from 'node:os';
import { ExitCode, KatavmError } from '@katavm/core';
import { z } from '@katavm/core/schema';
import type { BaseBoot } from '@katavm/images';
import type { KvmProbe, ProbeKvmInput } from '@katavm/libvirt';
import type { Context } from '../context/context.js';
import { readJson, writeJson } from '../state/json-file.js';

export type Acceleration = 'kvm' | 'tcg';

/** What can be booted to prove KVM. */
export interface Bootable {
  readonly disk: string;
  readonly format: 'qcow2' | 'raw';
  readonly boot: BaseBoot;
}

/**
 * `kvm` or `tcg`, for what a config asks for. `auto` proves KVM by booting a real kernel, once for each start of the
 * host, and says once that emulated timings mean nothing.
 *
 * @throws KATAVM_KVM_UNUSABLE when the config demands kvm and a kernel does not run under it.
 */
export async function resolveAcceleration(
  context: Context,
  wanted: 'auto' | Acceleration,
  bootable: Bootable,
  signal?: AbortSignal,
): Promise<Acceleration> {
  if (wanted === 'tcg') return noticeTcg(context, 'the config asks for it');
  const probe = await proveKvm(context, bootable, signal);
  if (probe.usable) return 'kvm';
  if (wanted === 'auto') return noticeTcg(context, probe.reason);
  throw new KatavmError({
    code: 'KATAVM_KVM_UNUSABLE',
    message: `the config asks for KVM, and this host cannot run a guest under it: ${probe.reason}`,
    hint: '"katavm doctor" says what to mend; "vm: {acceleration: auto}" falls back to emulation',
    exitCode: ExitCode.hostNotReady,
  });
}

/** Says once that emulated timings mean nothing. */
export function noticeTcg(context: Context, why: string): 'tcg' {
  const message = `the guest is emulated (TCG), so its timings mean nothing: ${why}`;
  context.emit({ type: 'notice', level: 'warning', code: 'KATAVM_EMULATED', message });
  return 'tcg';
}

const rememberedSchema = z.strictObject({ key: z.string(), usable: z.boolean(), reason: z.string() });

/** The probe takes up to 10 s where KVM does not work: its answer is kept until the host or its QEMU changes. */
export async function proveKvm(context: Context, bootable: Bootable, signal?: AbortSignal): Promise<KvmProbe> {
  const key = await hostKey();
  const remembered = await readJson(context.state.kvmProbe, rememberedSchema);
  if (remembered?.key === key) return remembered;
  const probe = await context.adapters.libvirt.probeKvm({ ...whatToBoot(bootable), signal });
  await writeJson(context.state.kvmProbe, { key, ...probe });
  return probe;
}

function whatToBoot({ disk, format, boot }: Bootable): Pick<ProbeKvmInput, 'kernel' | 'disk'> {
  return boot.kind === 'kernel' ? { kernel: { path: boot.kernel } } : { disk: { path: disk, format } };
}

/** Changes with every start of the host, with its kernel, with QEMU, and with the rights of /dev/kvm. */
async function hostKey(): Promise<string> {
  const bootId = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
  const [qemu, kvm] = await Promise.all(
    ['/usr/bin/qemu-system-x86_64', '/dev/kvm'].map((path) => stat(path).catch(() => undefined)),
  );
  return [bootId.trim(), release(), qemu?.mtimeMs, kvm && `${kvm.mode}:${kvm.uid}:${kvm.gid}`, process.getuid?.()].join(' ');
}
