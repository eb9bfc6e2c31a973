import { waitFor } from '@katavm/core';
import { refused } from '../virsh/refused.js';
import type { Virsh } from '../virsh/virsh.js';

/** QEMU's monitor of one domain, spoken to through libvirt. */
export interface QemuMonitor {
  readonly virsh: Virsh;
  readonly uuid: string;
  /** As in `could not ${doing}`. */
  readonly doing: string;
}

/** A command of QEMU's monitor protocol. @throws KATAVM_LIBVIRT_REFUSED in QEMU's words. */
export async function ask(
  { virsh, uuid, doing }: QemuMonitor,
  execute: string,
  options: { readonly arguments?: object; readonly passDescriptor?: number } = {},
): Promise<Readonly<Record<string, unknown>>> {
  const { arguments: words, passDescriptor } = options;
  const pass = passDescriptor === undefined ? [] : ['--pass-fds', String(passDescriptor)];
  const command = JSON.stringify({ execute, arguments: words });
  const { output, failure } = await virsh.run(['qemu-monitor-command', '--domain', uuid, ...pass, '--cmd', command]);
  if (failure !== undefined) throw refused(doing, failure);
  const answer = JSON.parse(output) as { return?: Record<string, unknown>; error?: { desc: string } };
  if (answer.error) throw refused(doing, `${execute}: ${answer.error.desc}`);
  return answer.return ?? {};
}

/** Memory that lies in a file is left where it is: what is written and read then is under a megabyte. QEMU 4.0 and later. */
export async function leaveMemory(monitor: QemuMonitor): Promise<void> {
  await ask(monitor, 'migrate-set-capabilities', {
    arguments: { capabilities: [{ capability: 'x-ignore-shared', state: true }] },
  });
}

/** An open file that QEMU was given. */
export interface GivenFile {
  /** What QEMU's migration calls it. */
  readonly uri: string;
  /** QEMU closes it: for one that goes on running. */
  close(): Promise<void>;
}

/**
 * Gives QEMU an open file; a virsh of its own hands it over, which was started with it as number 3. Since QEMU 9.1 a file comes as one
 * of a set, and `fd:` is for pipes and sockets alone (refused for files since 11.0). Before that there is no such set for a migration:
 * 7.2 has no `file:` at all.
 */
export async function giveFile(monitor: QemuMonitor, carrier: Virsh): Promise<GivenFile> {
  const through = { ...monitor, virsh: carrier };
  if (takesFileSets(await ask(monitor, 'query-version'))) {
    const { 'fdset-id': set } = await ask(through, 'add-fd', { passDescriptor: 3 });
    const close = async () => void (await ask(monitor, 'remove-fd', { arguments: { 'fdset-id': set } }));
    return { uri: `file:/dev/fdset/${set}`, close };
  }
  await ask(through, 'getfd', { arguments: { fdname: 'katavm' }, passDescriptor: 3 });
  return { uri: 'fd:katavm', close: async () => {} }; // a migration closes what it was given by name
}

/** By the answer to `query-version`. */
export function takesFileSets(answer: Readonly<Record<string, unknown>>): boolean {
  const { major = 0, minor = 0 } = (answer['qemu'] ?? {}) as { major?: number; minor?: number };
  return major > 9 || (major === 9 && minor >= 1);
}

/** A state of half a megabyte takes 20 ms; a host that swaps needs more. */
const migrationTimeoutMilliseconds = 60_000;

/** Waits until QEMU has written or read the whole state. */
export async function migrated(monitor: QemuMonitor): Promise<void> {
  await waitFor(
    {
      name: `QEMU to ${monitor.doing}`,
      everyMilliseconds: 5,
      probe: async () => {
        const { status, 'error-desc': why } = await ask(monitor, 'query-migrate');
        if (status === 'failed' || status === 'cancelled') throw refused(monitor.doing, String(why ?? `migration ${status}`));
        return status === 'completed' ? true : undefined;
      },
      timeoutMilliseconds: migrationTimeoutMilliseconds,
      hint: 'look at /var/log/libvirt/qemu/NAME.log',
    },
    { signal: monitor.virsh.signal },
  );
}
