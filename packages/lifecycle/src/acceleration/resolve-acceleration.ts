import { ExitCode, KatavmError } from '@katavm/core';
import type { Context } from '../context/context.js';
import { type Bootable, proveKvm } from './prove-kvm.js';

export type Acceleration = 'kvm' | 'tcg';

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
