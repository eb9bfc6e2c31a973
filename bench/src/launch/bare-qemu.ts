import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ignoreEvents, type RunningProcess, start } from '@katavm/core';
import { createOverlay } from '@katavm/libvirt';
import { type GuestAddress, adapter as ssh } from '@katavm/ssh-agent-runner';
import { freePort } from '../free-port.js';
import { logIn } from './log-in.js';
import type { Parts } from './parts.js';

const bootTimeoutMilliseconds = 1_200_000;

export interface BareGuest {
  readonly bannerMilliseconds: number;
  /** Logs in, on the connection on which the banner came. Milliseconds from QEMU's start to the first byte of a command. */
  logIn(): Promise<number>;
  end(): Promise<void>;
}

/** QEMU alone on an overlay of the same disk, with the devices that katavm gives a guest: from its start to the SSH banner. */
export async function bootBare(parts: Parts, parent: string, signal: AbortSignal): Promise<BareGuest> {
  const folder = await mkdtemp(join(parent, 'katavm-bench-bare-'));
  const overlay = join(folder, 'disk.qcow2');
  const address = { host: '127.0.0.1', port: await freePort() };
  const closedPort = { host: '127.0.0.1', port: await freePort() };
  let qemu: RunningProcess | undefined;
  const end = async () => {
    qemu?.kill('SIGKILL');
    await qemu?.ended;
    await rm(folder, { recursive: true });
  };
  try {
    await createOverlay({ path: overlay, backing: { path: parts.disk, format: 'qcow2' }, signal });
    const begin = performance.now();
    qemu = start('qemu-system-x86_64', qemuArguments(parts, overlay, join(folder, 'console.log'), [address, closedPort]), {
      signal,
    });
    const networkUp = cardIsUp(qemu);
    let said = '';
    qemu.stderr.on('data', (text) => {
      said += String(text);
    });
    const died = qemu.ended.then(({ failure }) => Promise.reject(new Error(`${failure}: ${said}`)));
    died.catch(() => {}); // it is ended some day
    const hint = 'QEMU alone does not boot this guest';
    const emulated = parts.accelerator === 'tcg';
    const given = { timeoutMilliseconds: bootTimeoutMilliseconds, emulated, hint, signal, emit: ignoreEvents };
    const greeting = await Promise.race([ssh.greet({ address, closedPort, networkUp, ...given }), died]);
    const sinceStart = () => performance.now() - begin;
    return { bannerMilliseconds: sinceStart(), logIn: () => logIn(parts, { address, greeting }, signal).then(sinceStart), end };
  } catch (error) {
    await end();
    throw error;
  }
}

/** When QEMU says by its monitor, on its outputs, what katavm hears through libvirt. */
function cardIsUp({ stdin, stdout }: RunningProcess): Promise<void> {
  stdin.write('{"execute": "qmp_capabilities"}\n');
  return new Promise((resolve) => {
    stdout.on('data', (text) => {
      if (String(text).includes('NIC_RX_FILTER_CHANGED')) resolve();
    });
  });
}

/** @param forwards this host's ends of forwards to the guest's ports 22 and 1. */
function qemuArguments(
  parts: Parts,
  overlay: string,
  consoleLog: string,
  [toSsh, toNobody]: readonly [GuestAddress, GuestAddress],
): string[] {
  const forwards = `hostfwd=tcp:127.0.0.1:${toSsh.port}-:22,hostfwd=tcp:127.0.0.1:${toNobody.port}-:1`;
  return [
    ...['-machine', `q35,accel=${parts.accelerator}`, '-cpu', parts.cpu],
    ...['-m', `${parts.kibibytes / 1024}M`, '-smp', String(parts.vcpus), '-nodefaults', '-no-user-config', '-display', 'none'],
    ...['-kernel', parts.kernel, ...(parts.initrd === '' ? [] : ['-initrd', parts.initrd]), '-append', parts.commandLine],
    ...['-netdev', `user,id=net,${forwards}`],
    ...['-device', 'virtio-net-pci,netdev=net,addr=0x2,romfile='],
    ...['-drive', `if=none,id=root,format=qcow2,discard=unmap,file=${overlay}`],
    ...['-device', 'virtio-blk-pci,drive=root,serial=katavm-root,addr=0x3'],
    ...['-drive', `if=none,id=identity,format=raw,readonly=on,file=${parts.identity}`],
    ...['-device', 'virtio-blk-pci,drive=identity,serial=katavm-identity,addr=0x4'],
    ...['-object', 'rng-random,id=rng,filename=/dev/urandom', '-device', 'virtio-rng-pci,rng=rng,addr=0x10'],
    ...['-qmp', 'stdio', '-serial', `file:${consoleLog}`, '-rtc', 'base=utc,driftfix=slew', '-no-hpet'],
  ];
}
