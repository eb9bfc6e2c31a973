import { hostname, userInfo } from 'node:os';
import type { CloudInitAdapter } from '@katavm/cloudinit';
import { type Emit, stateHome } from '@katavm/core';
import type { ImagesAdapter } from '@katavm/images';
import type { KeysAdapter } from '@katavm/keys';
import type { Hypervisor, LibvirtAdapter } from '@katavm/libvirt';
import type { SshAdapter } from '@katavm/ssh-agent-runner';
import { StateDirectory } from '../state/state-directory.js';

/** The five packages that a site may replace. */
export interface Adapters {
  readonly keys: KeysAdapter;
  readonly cloudinit: CloudInitAdapter;
  readonly images: ImagesAdapter;
  readonly libvirt: LibvirtAdapter;
  readonly ssh: SshAdapter;
}

/** What every step works with. */
export interface Context {
  readonly state: StateDirectory;
  readonly adapters: Adapters;
  readonly emit: Emit;
  /** `user@host:pid`, for the record of who made what. */
  readonly owner: string;
  /** One connection for each URI, opened at the first call. */
  connect(uri: string, signal?: AbortSignal): Promise<Hypervisor>;
  /** Lets go of a connection that has broken: the next `connect` opens another. */
  disconnect(uri: string): Promise<void>;
  /** Ends the connections; job clones that still run end with them. */
  close(): Promise<void>;
}

export interface ContextInput {
  readonly env: NodeJS.ProcessEnv;
  readonly adapters: Adapters;
  readonly emit: Emit;
  /** Connections that are open or on their way, by URI: they become the context's. */
  readonly connections?: Readonly<Record<string, Promise<Hypervisor>>>;
}

/** Makes the state directory where it is absent. Close the context when done. */
export async function openContext({ env, adapters, emit, connections: given = {} }: ContextInput): Promise<Context> {
  const user = userInfo();
  const state = new StateDirectory(stateHome(env, user.uid));
  await state.create();
  const connections = new Map(Object.entries(given));
  return {
    state,
    adapters,
    emit,
    owner: `${user.username}@${hostname()}:${process.pid}`,
    connect(uri, signal) {
      const known = connections.get(uri);
      if (known) return known;
      const connection = adapters.libvirt.connect({ uri, emit, signal });
      connections.set(uri, connection);
      connection.catch(() => connections.delete(uri));
      return connection;
    },
    async disconnect(uri) {
      const connection = connections.get(uri);
      connections.delete(uri);
      await connection?.then(
        (hypervisor) => hypervisor.close(),
        () => {}, // it was never open
      );
    },
    async close() {
      const open = await Promise.allSettled(connections.values());
      await Promise.all(open.map((result) => (result.status === 'fulfilled' ? result.value.close() : undefined)));
    },
  };
}
