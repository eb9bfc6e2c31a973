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

/** Gives QEMU an open file under the name `katavm`; a virsh of its own hands it over, which was started with it as number 3. */
export async function giveFile(monitor: QemuMonitor, carrier: Virsh): Promise<void> {
  await ask({ ...monitor, virsh: carrier }, 'getfd', { arguments: { fdname: 'katavm' }, passDescriptor: 3 });
}

/** What `giveFile` gave, as QEMU's migration calls it. */
export const givenFile = { uri: 'fd:katavm' } as const;

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
