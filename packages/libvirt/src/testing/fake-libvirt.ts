import { access, truncate, writeFile } from 'node:fs/promises';
import type { Lifeline, SharedConnection } from '../adapter.js';
import { domainExists, domainForeign, domainNotFound } from '../connection/failures.js';
import type { DomainSpec, Hypervisor } from '../hypervisor.js';
import { domainShape } from '../image/domain-shape.js';
import { imageFiles } from '../image/image-files.js';
import { refused } from '../virsh/refused.js';
import { connectionLost } from '../virsh/unreachable.js';
import { domainXml } from '../xml/domain-xml.js';
import { type FakeDomain, isActive, newDomain, stop, toRecord } from './fake-domain.js';
import { fakeLifelines } from './fake-lifelines.js';

/** libvirt in memory, for tests of what is built on a Hypervisor. The contract suite keeps it equal to the real one. */
export interface FakeLibvirt {
  /** Another connection to the same domains, as another process would have. */
  connect(): Hypervisor;
  /** As the adapter's; the lifeline is a name, and no file. */
  connectShared(lifeline: string): SharedConnection;
  holdLifeline(lifeline: string): Lifeline | undefined;
  /** Ends a shared connection from outside, as the end of libvirtd does. */
  breakShared(lifeline: string): Promise<void>;
  /** Defines and starts a domain that katavm did not make. */
  addForeign(name: string): void;
  /** All domains by name, foreign ones too, for a test to look at and to change (`state`: a guest that powers off). */
  readonly domains: ReadonlyMap<string, FakeDomain>;
}

/** The ports that Linux gives out by default begin here (ip_local_port_range). */
const firstPort = 32768;

export interface FakeLibvirtOptions {
  /** What a guest does from its start, or its resume after a restore, until what this returns is called. Default: nothing. */
  readonly runGuest?: (spec: DomainSpec) => Promise<() => void>;
}

export function createFakeLibvirt(uri = 'fake:///', options: FakeLibvirtOptions = {}): FakeLibvirt {
  const domains = new Map<string, FakeDomain>();
  let nextPort = firstPort;
  const connect = () => fakeConnection(uri, domains, () => nextPort++, options);
  return {
    domains,
    connect,
    ...fakeLifelines(connect),
    addForeign: (name) => {
      const domain = newDomain(name, undefined);
      domain.state = 'running';
      domains.set(name, domain);
    },
  };
}

function fakeConnection(
  uri: string,
  domains: Map<string, FakeDomain>,
  freePort: () => number,
  { runGuest }: FakeLibvirtOptions,
): Hypervisor {
  const self = {};
  let closed = false;
  const look = (name: string): FakeDomain | undefined => {
    if (closed) throw connectionLost(uri, 'the connection was closed');
    return domains.get(name);
  };
  const own = (name: string): FakeDomain | undefined => {
    const domain = look(name);
    if (domain && !domain.spec) throw domainForeign(name, uri);
    return domain;
  };
  const existing = (name: string): FakeDomain => {
    const domain = own(name);
    if (!domain) throw domainNotFound(name, uri);
    return domain;
  };
  const run = async (domain: FakeDomain) => {
    domain.state = 'running';
    domain.endGuest ??= domain.spec && (await runGuest?.(domain.spec));
  };
  return {
    uri,
    async define(spec) {
      domainXml(spec);
      if (look(spec.name)) throw domainExists(spec.name, uri);
      domains.set(spec.name, newDomain(spec.name, spec));
    },
    async start(name, { dieWithUs }) {
      const domain = existing(name);
      if (isActive(domain)) throw refused(`start the domain ${name}`, 'Domain is already active');
      domain.owner = dieWithUs ? self : undefined;
      await run(domain);
      for (const { networkUp } of domain.listeners) networkUp?.();
    },
    async suspend(name) {
      const domain = existing(name);
      if (!isActive(domain)) throw refused(`pause the domain ${name}`, 'domain is not running');
      domain.state = 'paused';
    },
    async resume(name) {
      const domain = existing(name);
      if (!isActive(domain)) throw refused(`resume the domain ${name}`, 'domain is not running');
      await run(domain);
    },
    platform: async () => ({ emulator: process.execPath, version: 'FAKE 1.0', machine: 'pc-fake-1.0' }),
    shape: domainShape,
    async prepareImage(folder, memory) {
      await writeFile(imageFiles(folder).memory, '', { flag: 'wx', mode: 0o600 });
      await truncate(imageFiles(folder).memory, memory * 1024 ** 2);
    },
    async saveImage(name, folder) {
      if (existing(name).state !== 'paused') throw refused(`save the state of ${name}`, 'domain is not paused');
      await writeFile(imageFiles(folder).state, `the state of ${name}`, { mode: 0o600 });
    },
    async restore(name, { folder, dieWithUs }) {
      const domain = existing(name);
      if (isActive(domain)) throw refused(`restore ${name}`, 'Domain is already active');
      for (const file of Object.values(imageFiles(folder))) await access(file);
      domain.state = 'paused';
      domain.owner = dieWithUs ? self : undefined;
    },
    async shutdown(name) {
      const domain = existing(name);
      if (isActive(domain)) stop(domain);
    },
    async remove(name) {
      const domain = own(name);
      if (domain) stop(domain);
      domains.delete(name);
    },
    async listen(name, listener) {
      const { listeners } = existing(name);
      // Another one each time: who listens twice is told twice.
      const own = { ...listener };
      listeners.add(own);
      return () => void listeners.delete(own);
    },
    state: async (name) => {
      const domain = look(name);
      return domain && toRecord(domain)?.state;
    },
    find: async (name) => {
      const domain = look(name);
      return domain && toRecord(domain);
    },
    async list() {
      if (closed) throw connectionLost(uri, 'the connection was closed');
      return [...domains.values()].map(toRecord).filter((record) => record !== undefined);
    },
    async forwardPort(name, guestPort) {
      const domain = existing(name);
      if (!isActive(domain)) throw refused(`forward a port of ${name}`, 'domain is not running');
      if (domain.spec?.network.kind !== 'user') throw refused(`forward a port of ${name}`, 'no user networking');
      const port = domain.forwards.get(guestPort) ?? freePort();
      domain.forwards.set(guestPort, port);
      return port;
    },
    async address(name) {
      const domain = existing(name);
      return isActive(domain) && domain.spec?.network.kind !== 'user' ? '192.0.2.10' : undefined;
    },
    async close() {
      closed = true;
      for (const domain of domains.values()) if (domain.owner === self) stop(domain);
    },
  };
}
