import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type RunningProcess, start } from '@katavm/core';
import { createOverlay } from '@katavm/libvirt';
import { freePort } from '../free-port.js';
import { type Login, logIn } from './log-in.js';

/** What a clone of a template is made of. */
export interface RestoreParts extends Login {
  /** The template's folder: `katavm master template CONFIG --json` says it. */
  readonly template: string;
  /** The identity disk of a guest that is opened so. */
  readonly identity: string;
  readonly kernel: string;
  readonly initrd: string;
  readonly vcpus: number;
  readonly kibibytes: number;
  readonly accelerator: 'kvm' | 'tcg';
  /** As QEMU's `-cpu` has it. */
  readonly cpu: string;
}

/**
 * QEMU alone, restoring a template as anybody would: its start, the state of the devices, the wake that gives the guest an identity
 * to log in with, the login. Milliseconds from QEMU's start to the first byte of a command; nothing is left afterwards.
 */
export async function restoreBare(parts: RestoreParts, parent: string, signal: AbortSignal): Promise<number> {
  const folder = await mkdtemp(join(parent, 'katavm-bench-restore-'));
  const address = { host: '127.0.0.1', port: await freePort() };
  let qemu: RunningProcess | undefined;
  try {
    const backing = { path: join(parts.template, 'disk.qcow2'), format: 'qcow2' as const };
    await createOverlay({ path: join(folder, 'disk.qcow2'), backing, signal });
    const words = await qemuArguments(parts, folder, address.port);
    const begin = performance.now();
    qemu = start('qemu-system-x86_64', words, { signal });
    await restore(qemu, join(parts.template, 'state'));
    await wake(join(folder, 'wake'), () => logIn(parts, { address }, signal));
    return performance.now() - begin;
  } finally {
    qemu?.kill('SIGKILL');
    await qemu?.ended;
    await rm(folder, { recursive: true });
  }
}

async function restore(qemu: RunningProcess, state: string): Promise<void> {
  let errors = '';
  qemu.stderr.on('data', (text) => {
    errors += String(text);
  });
  const lines = createInterface({ input: qemu.stdout })[Symbol.asyncIterator]();
  const ask = async (execute: string, words?: object): Promise<Record<string, unknown>> => {
    qemu.stdin.write(`${JSON.stringify({ execute, arguments: words })}\n`);
    for (;;) {
      const { value, done } = await lines.next();
      if (done) throw new Error(`QEMU has ended: ${errors}`);
      const answer = JSON.parse(value) as { return?: Record<string, unknown>; error?: { desc: string } };
      if (answer.error) throw new Error(`${execute}: ${answer.error.desc}`);
      if (answer.return) return answer.return;
    }
  };
  await ask('qmp_capabilities');
  await ask('migrate-set-capabilities', { capabilities: [{ capability: 'x-ignore-shared', state: true }] });
  await ask('migrate-incoming', { uri: `exec:cat ${state}` });
  for (;;) {
    const { status } = await ask('query-migrate');
    if (status === 'failed') throw new Error(`QEMU could not restore: ${errors}`);
    if (status === 'completed') break;
  }
  await ask('cont');
}

/** With a login as soon as the guest may be connected to, as katavm's; until both have ended. */
async function wake(path: string, login: () => Promise<void>): Promise<void> {
  const socket = connect(path);
  const message = {
    id: 'bench',
    entropy: randomBytes(32).toString('base64'),
    time: Date.now() / 1000,
    'machine-id': randomUUID().replaceAll('-', ''),
    'boot-id': randomUUID(),
    identity: 'new',
    sshd: 'new-keys',
  };
  const lines = Object.entries(message).map(([key, value]) => `${key} ${value}\n`);
  socket.write(`${lines.join('')}end\n`);
  const answers = createInterface({ input: socket })[Symbol.asyncIterator]();
  const expectAnswer = async (verdict: string) => {
    const { value } = await answers.next();
    if (!String(value).startsWith(`${verdict} `)) throw new Error(`the guest could not be woken: ${value}`);
  };
  await expectAnswer('reachable');
  await Promise.all([login(), expectAnswer('done')]);
  socket.destroy();
}

/** The devices that katavm gives a guest, at the same addresses: QEMU restores no others. */
async function qemuArguments(parts: RestoreParts, folder: string, port: number): Promise<string[]> {
  const { template, kibibytes, accelerator } = parts;
  const { key } = JSON.parse(await readFile(join(template, 'template.json'), 'utf8')) as { key: Record<string, string> };
  const memory = `memory-backend-file,id=katavm.ram,size=${kibibytes}K,mem-path=${join(template, 'memory')},share=off`;
  return [
    ...['-object', memory, '-machine', `${key['machine type']},accel=${accelerator},usb=off,memory-backend=katavm.ram`],
    ...['-cpu', parts.cpu, '-m', `${kibibytes / 1024}M`, '-smp', String(parts.vcpus)],
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-S', '-incoming', 'defer', '-qmp', 'stdio', '-boot', 'strict=on'],
    ...['-kernel', parts.kernel, ...(parts.initrd === '' ? [] : ['-initrd', parts.initrd]), '-append', 'console=ttyS0'],
    ...['-netdev', `user,id=hostnet0,hostfwd=tcp:127.0.0.1:${port}-:22`],
    ...['-device', 'virtio-net-pci,netdev=hostnet0,addr=0x2,romfile='],
    ...['-drive', `if=none,id=root,format=qcow2,discard=unmap,file=${join(folder, 'disk.qcow2')}`],
    ...['-device', 'virtio-blk-pci,drive=root,serial=katavm-root,addr=0x3,bootindex=1'],
    ...['-drive', `if=none,id=identity,format=raw,readonly=on,file=${parts.identity}`],
    ...['-device', 'virtio-blk-pci,drive=identity,serial=katavm-identity,addr=0x4'],
    ...['-object', 'rng-random,id=rng,filename=/dev/urandom', '-device', 'virtio-rng-pci,rng=rng,addr=0x10'],
    ...['-device', 'virtio-serial-pci,id=virtio-serial0,addr=0x11'],
    ...['-chardev', `socket,id=wake,path=${join(folder, 'wake')},server=on,wait=off`],
    ...['-device', 'virtserialport,bus=virtio-serial0.0,nr=1,chardev=wake,name=org.katavm.wake'],
    ...['-serial', `file:${join(folder, 'console.log')}`, '-rtc', 'base=utc,driftfix=slew', '-no-hpet'],
  ];
}
