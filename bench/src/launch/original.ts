import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { exec, start, type UndoStack } from '@katavm/core';
import { removeDomain, removePoolsIn } from '../master.js';
import { firstByte } from './katavm.js';
import type { Parts } from './parts.js';

/** agent.jar of that time. */
const jarBytes = 1.5e6;
const bootSeconds = 30;
/** More than any guest needs that boots at all. */
const mostSeconds = 600;

/**
 * What the original's scripts did for an agent, on the same master: any clone deleted, virt-clone, start, a fixed sleep, the
 * agent's jar copied, ssh. Its way to an address (virsh domifaddr) took no time to speak of; a forward takes its place.
 */
export class Original {
  readonly #name = `bench-${randomBytes(4).toString('hex')}`;

  private constructor(
    private readonly parts: Parts,
    private readonly folder: string,
    private readonly uri: string,
    private readonly signal: AbortSignal,
  ) {}

  static async make(parts: Parts, parent: string, uri: string, undo: UndoStack, signal: AbortSignal): Promise<Original> {
    const folder = await mkdtemp(join(parent, 'katavm-bench-'));
    undo.push('folder', () => rm(folder, { recursive: true, force: true }));
    undo.push('storage pools', () => removePoolsIn(uri, folder));
    await exec('chmod', ['0711', folder]); // QEMU's user has to pass
    const original = new Original(parts, folder, uri, signal);
    undo.push(`domain ${original.#name}`, () => removeDomain(uri, original.#name));
    undo.push(`domain ${original.#clone}`, () => original.#delete());
    await writeFile(join(folder, 'agent.jar'), randomBytes(jarBytes));
    await writeFile(join(folder, 'known_hosts'), '');
    const xml = join(folder, 'master.xml');
    await writeFile(xml, domainXml(original.#name, parts));
    await original.#virsh('define', xml);
    return original;
  }

  /** The smallest multiple of 30 s after which its ssh succeeds. */
  async findSleep(): Promise<number> {
    const port = await this.#cloneAndStart();
    try {
      for (let slept = bootSeconds; slept <= mostSeconds; slept += bootSeconds) {
        await pause(bootSeconds * 1000, undefined, { signal: this.signal });
        const { exitCode } = await exec('ssh', [...this.#options('-p', port), this.#target, 'true'], {
          acceptExitCodes: [0, 255],
          signal: this.signal,
        });
        if (exitCode === 0) return slept;
      }
      throw new Error(`the original's clone does not answer within ${mostSeconds} s`);
    } finally {
      await this.#delete();
    }
  }

  /** Milliseconds to the agent's first byte; `undefined` where its sleep was too short. */
  async launch(sleepSeconds: number): Promise<number | undefined> {
    const begin = performance.now();
    try {
      const port = await this.#cloneAndStart();
      await pause(sleepSeconds * 1000, undefined, { signal: this.signal });
      const jar = join(this.folder, 'agent.jar');
      const put = ['-q', ...this.#options('-P', port), jar, `${this.#target}:agent.jar`];
      const copy = await exec('scp', put, { acceptExitCodes: [0, 1, 255], signal: this.signal });
      if (copy.exitCode !== 0) return undefined;
      const agent = start('ssh', [...this.#options('-p', port), this.#target, 'printf x'], { signal: this.signal });
      await firstByte(agent, () => 'ssh');
      const took = performance.now() - begin;
      await agent.ended;
      return took;
    } finally {
      await this.#delete();
    }
  }

  get #clone(): string {
    return `${this.#name}-clone`;
  }

  async #cloneAndStart(): Promise<string> {
    const files = ['disk', 'identity'].flatMap((name) => ['--file', join(this.folder, name)]);
    const copy = ['--original', this.#name, '--name', this.#clone, ...files, '--force-copy', 'vdb'];
    await exec('virt-clone', ['--quiet', '--connect', this.uri, ...copy], { signal: this.signal });
    await this.#virsh('start', this.#clone);
    await this.#monitor('hostfwd_add tcp:127.0.0.1:0-:22');
    return /127\.0\.0\.1\s+(\d+)\s/.exec(await this.#monitor('info usernet'))?.[1] ?? '';
  }

  async #delete(): Promise<void> {
    await exec('virsh', ['-q', '-c', this.uri, 'destroy', this.#clone], { acceptExitCodes: [0, 1] });
    await removeDomain(this.uri, this.#clone);
    for (const name of ['disk', 'identity']) await rm(join(this.folder, name), { force: true });
  }

  #monitor(command: string): Promise<string> {
    return this.#virsh('qemu-monitor-command', this.#clone, '--hmp', command);
  }

  async #virsh(...args: readonly string[]): Promise<string> {
    const { stdout } = await exec('virsh', ['-q', '-c', this.uri, ...args], { signal: this.signal });
    return stdout;
  }

  get #target(): string {
    return `${this.parts.user}@127.0.0.1`;
  }

  /** As the scripts called it: no host key was checked. */
  #options(portOption: string, port: string): string[] {
    const options = ['StrictHostKeyChecking=no', `UserKnownHostsFile=${join(this.folder, 'known_hosts')}`, 'LogLevel=ERROR'];
    const all = [...options, 'BatchMode=yes', 'ConnectTimeout=30'].flatMap((option) => ['-o', option]);
    return [portOption, port, '-i', this.parts.keyPath, ...all];
  }
}

function domainXml(name: string, parts: Parts): string {
  const commandLine = parts.commandLine.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<domain type='${parts.accelerator === 'kvm' ? 'kvm' : 'qemu'}'>
  <name>${name}</name>
  <memory unit='KiB'>${parts.kibibytes}</memory>
  <vcpu>${parts.vcpus}</vcpu>
  <os>
    <type arch='x86_64' machine='q35'>hvm</type>
    <kernel>${parts.kernel}</kernel>
    ${parts.initrd === '' ? '' : `<initrd>${parts.initrd}</initrd>`}
    <cmdline>${commandLine}</cmdline>
  </os>
  <features><acpi/><apic/></features>
  ${parts.cpuXml}
  <devices>
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2'/>
      <source file='${parts.disk}'/>
      <target dev='vda' bus='virtio'/>
    </disk>
    <disk type='file' device='disk'>
      <driver name='qemu' type='raw'/>
      <source file='${parts.identity}'/>
      <target dev='vdb' bus='virtio'/>
      <readonly/>
      <serial>katavm-identity</serial>
    </disk>
    <interface type='user'><model type='virtio'/></interface>
    <serial type='pty'><target port='0'/></serial>
    <rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>
  </devices>
</domain>`;
}
