import { readFile } from 'node:fs/promises';
import type { MiB, VmName } from '@katavm/core';
import type { DomainListener, DomainRecord, DomainSpec, DomainState, Hypervisor, Platform } from '../hypervisor.js';
import { domainShape } from '../image/domain-shape.js';
import { prepareImage } from '../image/prepare-image.js';
import { restore } from '../image/restore.js';
import { saveImage } from '../image/save-image.js';
import { refused } from '../virsh/refused.js';
import type { Virsh } from '../virsh/virsh.js';
import { findAddress, findNeighbour } from './addresses.js';
import { define } from './define.js';
import { isAbsent, type OwnDomain, ownDomain, ownMetadata, parseState, uuidOf } from './domains.js';
import { domainNotFound } from './failures.js';
import { findForward } from './forwards.js';
import { listen } from './listen.js';
import { platform } from './platform.js';

/** libvirt's word for a domain that is shut off already. */
const notRunning = /domain is not running/;

/** What else libvirt keeps of a domain and would refuse to forget it for. */
const undefineFlags = ['--managed-save', '--snapshots-metadata', '--checkpoints-metadata', '--nvram'];

/** Domains on the connection that an interactive virsh holds. */
export class VirshHypervisor implements Hypervisor {
  /** UUIDs by name, of what was defined here and not removed again: katavm's own, which libvirt need not be asked for. */
  readonly #defined = new Map<VmName, string>();

  constructor(private readonly virsh: Virsh) {}

  get uri(): string {
    return this.virsh.uri;
  }

  async define(spec: DomainSpec): Promise<void> {
    await define(this.virsh, spec);
    this.#defined.set(spec.name, spec.uuid);
  }

  async start(name: VmName, options: { readonly dieWithUs: boolean }): Promise<void> {
    const uuid = this.#defined.get(name) ?? (await this.#existing(name)).uuid;
    const { failure } = await this.virsh.run(['start', '--domain', uuid, ...(options.dieWithUs ? ['--autodestroy'] : [])]);
    if (failure === undefined) return;
    if (isAbsent(failure)) throw domainNotFound(name, this.uri);
    throw refused(`start the domain ${name}`, failure);
  }

  async suspend(name: VmName): Promise<void> {
    const { uuid } = await this.#existing(name);
    await this.#must(`pause the domain ${name}`, ['suspend', '--domain', uuid]);
  }

  async resume(name: VmName): Promise<void> {
    const { uuid } = await this.#existing(name);
    await this.#must(`resume the domain ${name}`, ['resume', '--domain', uuid], /domain is already running/);
  }

  platform(acceleration: DomainSpec['acceleration']): Promise<Platform> {
    return platform(this.virsh, acceleration);
  }

  shape(spec: DomainSpec): string {
    return domainShape(spec);
  }

  prepareImage(folder: string, memory: MiB): Promise<void> {
    return prepareImage(this.virsh, folder, memory);
  }

  async saveImage(name: VmName, folder: string): Promise<void> {
    const { uuid } = await this.#existing(name);
    await saveImage({ virsh: this.virsh, uuid, doing: `save the state of ${name}` }, folder);
  }

  async restore(name: VmName, options: { readonly folder: string; readonly dieWithUs: boolean }): Promise<void> {
    const { uuid } = await this.#existing(name);
    await restore({ virsh: this.virsh, uuid, doing: `restore ${name}` }, options);
  }

  async shutdown(name: VmName): Promise<void> {
    const { uuid } = await this.#existing(name);
    await this.#must(`shut the domain ${name} down`, ['shutdown', '--domain', uuid, '--mode', 'acpi'], notRunning);
  }

  async remove(name: VmName): Promise<void> {
    this.#defined.delete(name);
    const domain = await ownDomain(this.virsh, name);
    if (!domain) return;
    await this.#must(`end the domain ${name}`, ['destroy', '--domain', domain.uuid], notRunning);
    // A transient domain is gone once it has ended.
    await this.#must(`remove the domain ${name}`, ['undefine', '--domain', domain.uuid, ...undefineFlags], /transient domain/);
  }

  async listen(name: VmName, listener: DomainListener): Promise<() => void> {
    const { uuid } = await this.#existing(name);
    return listen(this.uri, uuid, listener);
  }

  async state(name: VmName): Promise<DomainState | undefined> {
    return (await this.find(name))?.state;
  }

  async find(name: VmName): Promise<DomainRecord | undefined> {
    const uuid = await uuidOf(this.virsh, name);
    return uuid === undefined ? undefined : this.#record(uuid, name);
  }

  async list(): Promise<readonly DomainRecord[]> {
    const table = await this.#must('list the domains', ['list', '--all', '--uuid', '--name']);
    const rows = [...table.matchAll(/^([0-9a-f-]{36}) +(.*?) *$/gm)];
    const records = await Promise.all(rows.map(([, uuid, name]) => this.#record(uuid ?? '', name ?? '')));
    return records.filter((record) => record !== undefined);
  }

  async forwardPort(name: VmName, guestPort: number): Promise<number> {
    const { uuid } = await this.#existing(name);
    const doing = `forward a port to port ${guestPort} of ${name}`;
    const port = await this.#forward(uuid, guestPort, doing);
    if (port !== undefined) return port;
    // Port 0: the kernel chooses a free one, so that nobody can take it between the choice and the use.
    const said = await this.#monitor(uuid, `hostfwd_add tcp:127.0.0.1:0-:${guestPort}`, doing);
    const added = await this.#forward(uuid, guestPort, doing);
    if (added === undefined)
      throw refused(doing, said.trim() || 'QEMU shows no such forward; does the domain use user networking?');
    return added;
  }

  async address(name: VmName, macAddress: string): Promise<string | undefined> {
    const { uuid } = await this.#existing(name);
    const ask = ['domifaddr', '--domain', uuid, '--source', 'lease'];
    const leases = await this.#must(`ask for the address of ${name}`, ask, notRunning);
    // Only libvirt's own networks give leases. The host's neighbour table is the second-best witness. It is read without
    // libvirt, whose `--source arp` says "wrong nlmsg len" whatever is in it (libvirt 9.0 on Linux 6.18).
    return findAddress(leases, macAddress) ?? findNeighbour(await readFile('/proc/net/arp', 'utf8'), macAddress);
  }

  close(): Promise<void> {
    return this.virsh.close();
  }

  async #existing(name: VmName): Promise<OwnDomain> {
    const domain = await ownDomain(this.virsh, name);
    if (!domain) throw domainNotFound(name, this.uri);
    return domain;
  }

  async #record(uuid: string, name: string): Promise<DomainRecord | undefined> {
    const [metadata, state] = await Promise.all([
      ownMetadata(this.virsh, uuid, name),
      this.virsh.run(['domstate', '--domain', uuid, '--reason']),
    ]);
    if (!metadata) return undefined;
    if (state.failure === undefined) return { name, state: parseState(state.output), metadata };
    if (isAbsent(state.failure)) return undefined;
    throw refused(`read the state of the domain ${name}`, state.failure);
  }

  async #forward(uuid: string, guestPort: number, doing: string): Promise<number | undefined> {
    return findForward(await this.#monitor(uuid, 'info usernet', doing), guestPort);
  }

  #monitor(uuid: string, command: string, doing: string): Promise<string> {
    return this.#must(doing, ['qemu-monitor-command', '--domain', uuid, '--hmp', '--cmd', command]);
  }

  /** Runs a command that acts on what is there; that it has gone meanwhile, and what matches `fine`, is no failure. */
  async #must(doing: string, words: readonly string[], fine?: RegExp): Promise<string> {
    const { output, failure } = await this.virsh.run(words);
    if (failure === undefined || (fine && (isAbsent(failure) || fine.test(failure)))) return output;
    throw refused(doing, failure);
  }
}
