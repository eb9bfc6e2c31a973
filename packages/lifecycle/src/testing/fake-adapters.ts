import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PreparedBase } from '@katavm/images';
import type { FakeLibvirt } from '@katavm/libvirt/testing';
import type { CommandEnd, GuestSession } from '@katavm/ssh-agent-runner';
import type { Adapters } from '../context/context.js';

/** How a command ends, and what it prints. */
export type GuestCommandEnd = (command: string) => Promise<CommandEnd & { readonly stdout?: string }>;

/** What guests do. */
export interface FakeGuest {
  /** How a command ends. Default: with 0. */
  readonly guestCommand?: GuestCommandEnd;
  /** Called at each login; where it throws, there is none. */
  readonly login?: (signal: AbortSignal | undefined) => Promise<void>;
  /** False for one whose master an older katavm built. Default: true. */
  readonly hasWakeAgent?: boolean;
}

const ended: CommandEnd = { exitCode: 0, signal: undefined };

/** Adapters for a host that boots nothing: keys are text, disks are small files, a started guest answers at once. */
export function fakeAdapters(libvirt: FakeLibvirt, guest: FakeGuest = {}): Adapters {
  const key = { publicKey: 'ssh-ed25519 AAAA', fingerprint: 'SHA256:test' };
  const partial: { readonly [Name in keyof Adapters]?: Partial<Adapters[Name]> } = {
    keys: {
      createKeyPair: async ({ path }) => ({ path, ...key, created: true }),
      readKeyPair: async (path) => ({ path, ...key }),
      generateHostKey: async () => ({ privateKey: 'PRIVATE', publicKey: 'ssh-ed25519 BBBB' }),
    },
    cloudinit: {
      compose: () => ({ userData: '#cloud-config', metaData: '', packages: [] }),
      checkWithHost: async () => ({ checked: false }),
      writeSeed: async (path) => {
        await writeFile(path, 'seed');
        return { sha256: '0'.repeat(64) };
      },
      readReport: () => ({ state: 'done', errors: [], recoverableErrors: [] }),
      stageOfConsoleLine: () => undefined,
      proxyFiles: [],
    },
    images: {
      prepareBase: async ({ cacheDirectory }) => layBase(join(cacheDirectory, 'base.raw')),
      collectBases: async () => [],
    },
    libvirt: {
      connect: async () => libvirt.connect(),
      connectShared: async ({ lifeline }) => libvirt.connectShared(lifeline),
      holdLifeline: async (path) => libvirt.holdLifeline(path),
      createOverlay: ({ path, backing }) => writeFile(path, `overlay of ${backing.path}`),
      flatten: ({ from, to }) => copyFile(from, to),
      imageInfo: async () => ({ format: 'qcow2', virtualSizeBytes: 1024 ** 3, actualSizeBytes: 1, backing: undefined }),
      isKvmOpen: async () => true,
      probeKvm: async () => ({ usable: false, proven: true, reason: 'this is a test' }),
    },
    ssh: {
      greet: async () => ({ banner: 'SSH-2.0-test', close: () => {} }),
      connect: async ({ signal }) => {
        await guest.login?.(signal);
        return session(guest.guestCommand ?? (async () => ended), guest.hasWakeAgent ?? true);
      },
      quoteCommand: (argv) => argv.join(' '),
    },
  };
  return partial as unknown as Adapters;
}

async function layBase(disk: string): Promise<PreparedBase> {
  await writeFile(disk, 'a base');
  const sha256 = '0'.repeat(64);
  return { disk, format: 'raw', virtualSizeBytes: 1024 ** 3, sha256, boot: { kind: 'disk' }, origin: 'a test', cached: true };
}

function session(guestCommand: GuestCommandEnd, hasWakeAgent: boolean): GuestSession {
  const partial: Partial<GuestSession> = {
    run: async (command) => {
      if (command.includes('/katavm/wake')) return { ...ended, exitCode: hasWakeAgent ? 0 : 1, stdout: '', stderr: '' };
      return { stdout: '', stderr: '', ...(await guestCommand(command)) };
    },
    pipe: async (command) => ({ ended: guestCommand(command), sendSignal: () => {} }),
    login: () => guestCommand('login'),
    close: () => {},
    closed: Promise.resolve(),
  };
  return partial as GuestSession;
}
