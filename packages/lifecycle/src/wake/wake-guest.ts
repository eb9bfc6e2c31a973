import { randomBytes, randomUUID } from 'node:crypto';
import { type Emit, waitFor } from '@katavm/core';
import { WakeChannel, type WakeMessage } from './wake-channel.js';

/** What a guest that was restored has in common with every other of its memory image, and is to have for itself. */
export interface Mending {
  /** 32 hexadecimal digits. */
  readonly machineId: string;
  /** Where the network is shared with other clones; on user networking each has a network of its own. */
  readonly macAddress: string | undefined;
}

/** How a guest's wake agent is reached. */
export interface WakeAgentInput {
  /** The clone, for people. */
  readonly name: string;
  /** The domain's `wakeSocket`. */
  readonly socketPath: string;
  /** Default 120 s: an emulated guest needs half a second, on a crowded host 20 s. */
  readonly timeoutMilliseconds?: number | undefined;
  readonly signal: AbortSignal;
  readonly emit: Emit;
}

export interface WakeInput extends WakeAgentInput {
  /** Without it, the clock alone is set: the guest was paused, and is no copy of another. */
  readonly mend?: Mending | undefined;
  /** Called when an SSH connection may be opened, which is to be told to nobody until the wake has ended. Perhaps more than once. */
  readonly onReachable?: (() => void) | undefined;
}

/** Half of what a clone's clock may be off at hand-out. */
const tolerableLagMilliseconds = 250;

const defaultTimeoutMilliseconds = 120_000;

/**
 * Wakes a guest that runs again, before anybody is told its address: one root action in the guest, which its agent
 * (guest/wake.py) answers when all of it is done. The agent has ended for good soon after.
 *
 * @throws KATAVM_WAKE_FAILED in the guest's words, KATAVM_WAIT_TIMED_OUT.
 */
export async function wakeGuest(input: WakeInput): Promise<void> {
  await talk(input, `${input.name} to wake`, async (channel) => {
    let message: WakeMessage = input.mend ? mendingMessage(input.mend) : {};
    for (;;) {
      const told = { ...message, time: (Date.now() / 1000).toFixed(6) };
      const { guestTimeMilliseconds } = await channel.ask(told, input.onReachable);
      // The time of the message was right when it was sent: on a busy host the guest may have read it much later.
      if (Math.abs(Date.now() - guestTimeMilliseconds) < tolerableLagMilliseconds) return;
      message = {};
    }
  });
}

export interface SettleInput extends WakeAgentInput {
  /** `down`: the network card is switched off, until the wake gives it an address of its own. */
  readonly link: 'up' | 'down';
}

/**
 * Prepares a guest for its memory image: no connection is open, everything is on the disk, and what a wake needs in place.
 *
 * @throws KATAVM_WAKE_FAILED in the guest's words, KATAVM_WAIT_TIMED_OUT.
 */
export async function settleGuest(input: SettleInput): Promise<void> {
  await talk(input, `${input.name} to settle`, (channel) => channel.ask({ settle: input.link }));
}

/**
 * Asks a guest that runs whether it could be woken.
 *
 * @throws KATAVM_WAKE_FAILED, KATAVM_WAIT_TIMED_OUT where its master has no wake agent.
 */
export async function pingGuest(input: WakeAgentInput): Promise<void> {
  await talk(input, `the wake agent of ${input.name}`, (channel) => channel.ask({ ping: 'now' }));
}

function mendingMessage({ machineId, macAddress }: Mending): WakeMessage {
  return {
    // As much as the key of the kernel's generator has.
    entropy: randomBytes(32).toString('base64'),
    'machine-id': machineId,
    'boot-id': randomUUID(),
    identity: 'new',
    sshd: 'new-keys',
    ...(macAddress === undefined ? {} : { mac: macAddress }),
  };
}

async function talk(
  input: WakeAgentInput,
  name: string,
  conversation: (channel: WakeChannel) => Promise<unknown>,
): Promise<void> {
  const { socketPath, signal, emit } = input;
  await waitFor(
    {
      name,
      probe: async (probeSignal) => {
        const channel = await WakeChannel.open(socketPath, probeSignal);
        try {
          await conversation(channel);
          return true;
        } finally {
          channel.close();
        }
      },
      timeoutMilliseconds: input.timeoutMilliseconds ?? defaultTimeoutMilliseconds,
      hint: 'its wake agent gives no answer: a master that an older katavm built has none; build it again',
    },
    { signal, emit },
  );
}
