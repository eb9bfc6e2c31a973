import { hasCode, isKatavmError, KatavmError, messageOf, timePart, trackStep, type VmName, waitFor } from '@katavm/core';
import type { DomainNetwork, Hypervisor } from '@katavm/libvirt';
import type { BannerInput, GuestAddress, GuestSession } from '@katavm/ssh-agent-runner';
import { consoleTail } from '../console/console-log.js';
import type { Context } from '../context/context.js';
import { isOfDeath } from './guest-died.js';
import { linkLocalAddress, listens } from './link-local-address.js';
import { watchDomain } from './watch-domain.js';

export interface ReachInput {
  readonly hypervisor: Hypervisor;
  readonly name: VmName;
  readonly network: DomainNetwork;
  readonly macAddress: string;
  readonly user: string;
  readonly keyPath: string;
  readonly hostKey: string;
  readonly emulated: boolean;
  /** Starts it; it is listened to from before. Default: it runs already. */
  readonly start?: (() => Promise<void>) | undefined;
  /** Its SSH server listens already, as a woken guest's does: it is connected to at once. Default: it boots. */
  readonly listens?: boolean;
  readonly consoleLog: string;
  /** The deadline of the boot, from the domain's start to the SSH banner. */
  readonly timeoutMilliseconds: number;
  readonly signal: AbortSignal;
}

/**
 * Starts a guest, waits until it answers, and connects to it. A guest that powers off, crashes or is halted meanwhile ends the wait.
 *
 * @throws KATAVM_GUEST_DIED, KATAVM_GUEST_HALTED, KATAVM_GUEST_SILENT (the deadline; with the console's last lines), and what `connect` throws.
 */
export async function reachGuest(context: Context, input: ReachInput): Promise<GuestSession> {
  // A guest whose address is found has a network then, and one that runs already has said so long ago.
  const withoutNetwork = input.start !== undefined && input.network.kind === 'user';
  const watch = await watchDomain({ ...input, withoutNetwork });
  const signal = AbortSignal.any([input.signal, watch.died]);
  try {
    await input.start?.();
    watch.begin();
    return await trackStep(context.emit, 'boot', input.name, async () => {
      const address = await addressOf(context, input, signal);
      return openSession(context, input, { address, networkUp: watch.networkUp }, signal);
    });
  } catch (error) {
    throw await explain(error, input);
  } finally {
    watch.stop();
  }
}

/** What says where a guest is. */
type AddressInput = Pick<ReachInput, 'hypervisor' | 'name' | 'network' | 'macAddress' | 'consoleLog' | 'timeoutMilliseconds'>;

/** Where the guest's SSH server is: known at once on user networking, by its lease on a libvirt network. */
export async function addressOf(context: Context, input: AddressInput, signal: AbortSignal): Promise<GuestAddress> {
  const { hypervisor, name, network } = input;
  if (network.kind === 'user') return { host: '127.0.0.1', port: await hypervisor.forwardPort(name, sshPort) };
  const host = await waitFor(
    {
      name: `the address of ${name} on ${network.name}`,
      probe: (probeSignal) => (network.kind === 'bridge' ? onBridge(input, network.name, probeSignal) : leased(input)),
      timeoutMilliseconds: input.timeoutMilliseconds,
      hint: `${input.macAddress} was not seen on ${network.name}: look at the guest's console: ${input.consoleLog}`,
    },
    { signal, emit: context.emit },
  );
  return { host, port: sshPort };
}

function leased({ hypervisor, name, macAddress }: AddressInput): Promise<string | undefined> {
  return hypervisor.address(name, macAddress);
}

/**
 * A bridge's DHCP server can be another machine, which tells this host nothing: then the guest is reached by the IPv6
 * link-local address that follows from its MAC.
 */
async function onBridge(input: AddressInput, bridge: string, signal: AbortSignal): Promise<string | undefined> {
  const seen = await leased(input);
  if (seen !== undefined) return seen;
  const linkLocal = linkLocalAddress(input.macAddress, bridge);
  return (await listens(linkLocal, sshPort, signal)) ? linkLocal : undefined;
}

export const sshPort = 22;
/** Where nothing listens: TCP port service multiplexer (RFC 1078), which no distribution ships any more. */
const portOfNobody = 1;

async function closedPortOf({ hypervisor, name, network }: ReachInput, host: string): Promise<GuestAddress> {
  return { host, port: network.kind === 'user' ? await hypervisor.forwardPort(name, portOfNobody) : portOfNobody };
}

/**
 * The banner, and then the handshake on the same connection. An SSH server that restarts in between (cloud-init and package
 * upgrades do that) may hang up. Then both are waited for again, until the boot's deadline.
 */
async function openSession(
  context: Context,
  input: ReachInput,
  { address, networkUp }: Pick<BannerInput, 'address' | 'networkUp'>,
  signal: AbortSignal,
): Promise<GuestSession> {
  const { ssh } = context.adapters;
  const { user, keyPath: privateKeyPath, hostKey, emulated } = input;
  const hint = `look at the guest's console: ${input.consoleLog}`;
  const deadline = performance.now() + input.timeoutMilliseconds;
  let { listens } = input;
  for (;;) {
    const timeoutMilliseconds = Math.max(1, deadline - performance.now());
    const given = { address, emulated, timeoutMilliseconds, signal };
    const greet = async () =>
      ssh.greet({ ...given, networkUp, closedPort: await closedPortOf(input, address.host), hint, emit: context.emit });
    const greeting = listens ? undefined : await timePart(context.emit, 'boot', greet);
    listens = false;
    try {
      const connect = () => ssh.connect({ ...given, greeting, user, privateKeyPath, hostKey });
      return await timePart(context.emit, 'handshake', connect);
    } catch (error) {
      if (!hasCode(error, 'KATAVM_GUEST_UNREACHABLE') || performance.now() > deadline) throw error;
      context.emit({ type: 'notice', level: 'info', code: 'KATAVM_SSH_RESTARTED', message: `${messageOf(error)}: trying again` });
    }
  }
}

async function explain(error: unknown, input: ReachInput): Promise<unknown> {
  if (!isKatavmError(error)) return error;
  const timedOut = error.code === 'KATAVM_WAIT_TIMED_OUT';
  if (!timedOut && !isOfDeath(error)) return error;
  const tail = await consoleTail(input.consoleLog);
  const said = tail === '' ? 'its console is empty' : `its console ends with:\n${tail}`;
  return new KatavmError({
    code: timedOut ? 'KATAVM_GUEST_SILENT' : error.code,
    message: `${timedOut ? `${input.name} did not answer: ${error.message}` : error.message}; ${said}`,
    hint: error.hint,
    exitCode: error.exitCode,
    details: error.details,
    cause: error,
  });
}
