import { setTimeout as pause } from 'node:timers/promises';
import { abortReason, messageOf } from '@katavm/core';
import { isPassing } from '../rest/request.js';
import { type Action, decide, type GateState, initialState, type Sight } from './decide.js';
import { buildUnseen, gateGaveUp } from './failures.js';
import type { BuildEnd } from './gate.js';
import { HeldBytes } from './held-bytes.js';
import { isTakenOver, markReason } from './mark.js';
import { type NodeOfGate, notice } from './open-again.js';

/** Between two looks while bytes are held for a build that is assigned and has not begun. */
const briefMilliseconds = 5;
/** After an answer that did not come. */
const troubledMilliseconds = 200;
/** While a build runs, the pause between two looks is a tenth of its age so far, within these: what its end costs the next clone. */
const shortestWatchMilliseconds = 50;
const longestWatchMilliseconds = 1000;
/** A look is held bytes waiting: rather ask again than wait for one slow answer. */
const lookTimeoutMilliseconds = 5000;

/** Asks, decides, acts: the loop around `decide`. */
export class NodeWatch {
  readonly bytes = new HeldBytes();
  readonly #stopped = new AbortController();
  #state: GateState = initialState;
  #troubled = false;
  #claimedAt = 0;
  #running: Promise<unknown> = Promise.resolve();
  /** True from before the first attempt to mark the node offline. */
  mayHaveClosed = false;
  /** True where somebody else wants the node to stay offline. */
  takenOver = false;

  constructor(
    private readonly target: NodeOfGate,
    private readonly id: string,
    private readonly outer: AbortSignal | undefined,
  ) {}

  get over(): boolean {
    return this.#state.phase === 'over';
  }

  run(): Promise<BuildEnd> {
    const interrupt = () => this.#stopped.abort(this.outer && abortReason(this.outer));
    this.#stopped.signal.addEventListener('abort', () => this.bytes.wake(), { once: true });
    if (this.outer?.aborted) interrupt();
    this.outer?.addEventListener('abort', interrupt, { once: true });
    const end = this.#loop().finally(() => this.outer?.removeEventListener('abort', interrupt));
    this.#running = end.catch(() => {});
    return end.catch((error) => {
      // Whoever stopped it knows why, and does not wait for a build's end any more.
      if (this.#stopped.signal.aborted) return new Promise<never>(() => {});
      throw error;
    });
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#running;
  }

  async #loop(): Promise<BuildEnd> {
    const { signal } = this.#stopped;
    for (;;) {
      // Without held bytes nothing is asked: a clone that waits for a build costs the controller nothing.
      if (this.#state.phase === 'open') await this.bytes.arrived();
      signal.throwIfAborted();
      const before = this.#state;
      const { state, action } = decide(before, await this.#look(), performance.now());
      this.#state = state;
      if (before.phase === 'open' && state.phase !== 'open') this.#claim(state);
      if (action.do === 'finish') return { build: state.builds[0] };
      await this.#act(action);
    }
  }

  async #look(): Promise<Sight> {
    const { client, node } = this.target;
    const { signal } = this.#stopped;
    try {
      const seen = await client.nodeState(node, { signal, attempts: 1, timeoutMilliseconds: lookTimeoutMilliseconds });
      if (seen.connected && this.#state.phase !== 'open') this.takenOver = isTakenOver(seen);
      this.#troubled = false;
      return { kind: 'node', node: seen };
    } catch (error) {
      signal.throwIfAborted();
      if (!this.#troubled) notice(this.target.emit, 'warning', `asking again until Jenkins answers: ${messageOf(error)}`);
      this.#troubled = true;
      return { kind: 'failure', error, lasting: !isPassing(error) };
    }
  }

  async #act(action: Exclude<Action, { do: 'finish' }>): Promise<void> {
    switch (action.do) {
      case 'pass':
        if (this.#state.phase === 'closed') this.bytes.passForGood();
        else this.bytes.pass();
        return;
      case 'look':
        await pause(this.#untilNextLook(), undefined, { signal: this.#stopped.signal });
        return;
      case 'close':
        return this.#close();
      case 'give up':
        throw gateGaveUp(this.target.node, action.why, action.cause);
    }
  }

  #untilNextLook(): number {
    if (this.#state.phase === 'closed') {
      const tenth = (performance.now() - this.#claimedAt) / 10;
      return Math.min(Math.max(tenth, shortestWatchMilliseconds), longestWatchMilliseconds);
    }
    return this.#troubled ? troubledMilliseconds : briefMilliseconds;
  }

  /** Marks the node offline. Whether that worked is for the next look to say, whatever the answer was. */
  async #close(): Promise<void> {
    const { client, node, closedNodes } = this.target;
    const { signal } = this.#stopped;
    if (this.#troubled) await pause(troubledMilliseconds, undefined, { signal });
    if (!this.mayHaveClosed) {
      const since = new Date().toISOString();
      await closedNodes.write(client.url, { node, url: client.url.href, gate: this.id, since });
      this.mayHaveClosed = true;
    }
    await client.setOffline(node, markReason, { signal, attempts: 1 }).catch((error) => {
      signal.throwIfAborted();
      if (!isPassing(error)) throw gateGaveUp(node, 'no answer', error);
      this.#troubled = true;
    });
  }

  #claim({ builds }: GateState): void {
    const { emit, node } = this.target;
    this.#claimedAt = performance.now();
    if (builds[0] === undefined) notice(emit, 'warning', buildUnseen(node));
    else notice(emit, 'info', `this clone has its build: ${builds[0]}; node "${node}" takes no other`);
  }
}
