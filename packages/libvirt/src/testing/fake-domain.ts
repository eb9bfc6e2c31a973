import type { DomainListener, DomainRecord, DomainSpec, DomainState } from '../hypervisor.js';

/** A domain of the fake libvirt. A foreign one has no spec: katavm did not make it. */
export interface FakeDomain {
  readonly name: string;
  readonly spec: DomainSpec | undefined;
  /** Its listeners are told of each change. */
  state: DomainState;
  readonly listeners: Set<DomainListener>;
  /** The connection that it dies with. */
  owner: object | undefined;
  /** Host ports by guest port, of this run. */
  readonly forwards: Map<number, number>;
  /** Ends its guest, where one runs. */
  endGuest: (() => void) | undefined;
}

export function newDomain(name: string, spec: DomainSpec | undefined): FakeDomain {
  let state: DomainState = 'shut off';
  const listeners = new Set<DomainListener>();
  return {
    name,
    spec,
    get state() {
      return state;
    },
    set state(next) {
      state = next;
      for (const { changed } of listeners) changed();
    },
    listeners,
    owner: undefined,
    forwards: new Map(),
    endGuest: undefined,
  };
}

export function isActive(domain: FakeDomain): boolean {
  return domain.state !== 'shut off' && domain.state !== 'crashed';
}

export function stop(domain: FakeDomain): void {
  domain.state = 'shut off';
  domain.owner = undefined;
  domain.forwards.clear();
  domain.endGuest?.();
  domain.endGuest = undefined;
}

export function toRecord({ name, state, spec }: FakeDomain): DomainRecord | undefined {
  return spec && { name, state, metadata: spec.metadata };
}
