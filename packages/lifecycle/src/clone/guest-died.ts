import { hasCode, KatavmError, type Requirement, type VmName, waitFor } from '@katavm/core';
import type { DomainState, Hypervisor } from '@katavm/libvirt';
import type { Context } from '../context/context.js';

/** Where nothing runs on, of a domain that was started: for good, or until somebody mends this host. */
export function isDead(state: DomainState | undefined): boolean {
  return state !== 'running' && state !== 'paused';
}

/** @param doing `it booted` */
export function guestDied(name: VmName, doing: string, state: DomainState | undefined, cause?: unknown): KatavmError {
  return state === 'halted' ? guestHalted(name, doing, cause) : guestStopped(name, doing, state, cause);
}

interface OfLibvirt {
  readonly uri: string;
  readonly name: VmName;
}

export function isOfDeath(error: unknown): boolean {
  return hasCode(error, 'KATAVM_GUEST_DIED') || hasCode(error, 'KATAVM_GUEST_HALTED');
}

/**
 * The error, or why the connection to the guest was lost where libvirt knows better: KATAVM_GUEST_HALTED, or KATAVM_LIBVIRT_RESTARTED
 * where libvirt's daemon ends, and with it the guests of jobs.
 */
export async function whyLost(context: Context, { uri, name }: OfLibvirt, error: unknown): Promise<unknown> {
  if (!hasCode(error, 'KATAVM_GUEST_LOST')) return error;
  try {
    const hypervisor = await context.connect(uri);
    const state = await hypervisor.state(name);
    if (state === 'halted') return guestDied(name, 'its command ran', state, error);
    if (isDead(state)) await waitFor(endOfDaemon(hypervisor, name));
    return error;
  } catch (unasked) {
    return hasCode(unasked, 'KATAVM_LIBVIRT_UNREACHABLE') ? libvirtRestarted(name, uri, unasked) : error;
  }
}

/** A daemon that ends destroys the guests first, and answers until it is gone: 0.2 s later, measured with libvirt 11.3. */
function endOfDaemon(hypervisor: Hypervisor, name: VmName): Requirement<never> {
  return {
    name: "the end of libvirt's daemon",
    probe: async () => void (await hypervisor.state(name)),
    timeoutMilliseconds: 2000,
    hint: '',
  };
}

function libvirtRestarted(name: VmName, uri: string, cause: unknown): KatavmError {
  return new KatavmError({
    code: 'KATAVM_LIBVIRT_RESTARTED',
    message: `libvirt's daemon at ${uri} was stopped or restarted while the command ran, which ended its guest ${name}`,
    hint: 'nothing is wrong with the job: run it again; an upgrade of libvirt restarts it, so upgrade while no job runs',
    cause,
  });
}

function guestStopped(name: VmName, doing: string, state: DomainState | undefined, cause: unknown): KatavmError {
  return new KatavmError({
    code: 'KATAVM_GUEST_DIED',
    message: `the guest ${name} stopped while ${doing} (it is ${state ?? 'gone'})`,
    hint: `its console says why; where it breaks off, look at /var/log/libvirt/qemu/${name}.log and dmesg`,
    details: { state },
    cause,
  });
}

function guestHalted(name: VmName, doing: string, cause: unknown): KatavmError {
  return new KatavmError({
    code: 'KATAVM_GUEST_HALTED',
    message: `QEMU halted the guest ${name} while ${doing}`,
    hint: `is this host's disk full (df)? Otherwise /var/log/libvirt/qemu/${name}.log says why; an error of KVM there: "vm: {acceleration: tcg}" does without it`,
    cause,
  });
}
