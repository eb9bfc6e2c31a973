import type { VmConfig } from '@katavm/config';
import { hasCode, type MiB, messageOf, parseVmName } from '@katavm/core';
import { jobCloneName } from '../clone/clone-names.js';
import { deleteClone } from '../clone/delete-clone.js';
import { endJob } from '../clone/job-lock.js';
import type { Context } from '../context/context.js';
import { findCurrent } from '../state/generations.js';
import { bootIdle, type IdleClone } from './boot-idle.js';
import { fitOf } from './fit.js';
import type { ConfigView } from './plan-pool.js';
import { listReadyNames, takeReady } from './pool-folder.js';

interface Boot {
  readonly fits: string;
  readonly giveUp: AbortController;
  readonly ended: Promise<void>;
}

/** Doubled with every failure in a row: a config whose guests do not come up must not keep the host busy. */
const firstPauseMilliseconds = 10_000;
const longestPauseMilliseconds = 30 * 60_000;

/** The clones of one config that wait, and those that boot to wait. */
export class Shelf {
  readonly #idle = new Map<string, IdleClone>();
  /** Those whose connection has ended: libvirt has ended them with it. */
  readonly #lost = new Set<string>();
  /** Those that nobody can take any more: what could not be deleted (libvirt was away) is tried again. */
  readonly #doomed = new Set<string>();
  readonly #booting = new Map<string, Boot>();
  #config: VmConfig;
  #wanted = true;
  #fits: string | undefined;
  #failures = 0;
  #notBefore = 0;
  #takenAt = 0;
  #error: string | undefined;

  /** @param changed Called when a boot has ended, or a clone is lost. */
  constructor(
    private readonly context: Context,
    config: VmConfig,
    private readonly changed: () => void,
  ) {
    this.#config = config;
  }

  get name(): string {
    return this.#config.name;
  }

  /** Nobody names its config any more, and there is nothing left to do for it. */
  get isUnwanted(): boolean {
    return !this.#wanted && this.#idle.size + this.#booting.size === 0;
  }

  get counts(): { readonly size: number; readonly ready: number; readonly booting: number } {
    const size = this.#wanted ? this.#config.pool.size : 0;
    return { size, ready: this.#idle.size, booting: this.#booting.size };
  }

  get memory(): MiB {
    return this.#config.vm.memory;
  }

  /** Why the last boot failed, until one succeeds. */
  get error(): string | undefined {
    return this.#error;
  }

  /** Without a config, it is to be emptied. */
  setConfig(config: VmConfig | undefined): void {
    this.#wanted = config !== undefined;
    this.#config = config ?? this.#config;
  }

  /** The next boot is tried at once. */
  forgetFailures(): void {
    this.#failures = 0;
    this.#notBefore = 0;
  }

  /** Sees what clones must be made of now, and leaves to the jobs what they have taken. */
  async look(): Promise<void> {
    const { state } = this.context;
    const current = await findCurrent(state, this.name);
    const fits = current && (await fitOf(this.context, this.#config, current.manifest.generation));
    if (fits !== this.#fits) this.forgetFailures();
    this.#fits = fits;
    // Before the names are read: one that joins meanwhile is not among them, and has not been taken.
    const idle = [...this.#idle.values()];
    const waiting = new Set(await listReadyNames(state, this.name));
    const taken = idle.filter(({ record }) => !waiting.has(record.name) && !this.#doomed.has(record.name));
    await Promise.all(taken.map((clone) => this.#leave(clone)));
  }

  view(drained: boolean): ConfigView {
    return {
      name: this.name,
      size: this.counts.size,
      memory: this.memory,
      maxAgeMilliseconds: this.#config.pool.maxAge,
      drained,
      fits: this.#fits,
      ready: [...this.#idle].map(([name, { ready }]) => ({
        name,
        fits: ready.fits,
        since: Date.parse(ready.since),
        lost: this.#lost.has(name) || this.#doomed.has(name),
      })),
      booting: [...this.#booting].map(([name, { fits }]) => ({ name, fits })),
      notBefore: this.#notBefore,
      takenAt: this.#takenAt,
    };
  }

  /** @param signal The server's, for the connection: one that a boot opened would end everybody's calls with that boot. */
  async boot(signal: AbortSignal): Promise<void> {
    await this.context.connect(this.#config.vm.uri, signal).catch(() => {}); // the boot says it better
    const name = jobCloneName(this.name);
    const giveUp = new AbortController();
    const ended = this.#boot(name, giveUp.signal).finally(() => {
      this.#booting.delete(name);
      this.changed();
    });
    this.#booting.set(name, { fits: this.#fits ?? '', giveUp, ended });
  }

  async #boot(name: ReturnType<typeof jobCloneName>, signal: AbortSignal): Promise<void> {
    try {
      const clone = await bootIdle(this.context, { config: this.#config, name, signal });
      this.#idle.set(name, clone);
      this.forgetFailures();
      this.#error = undefined;
      void clone.connection.ended.then(() => {
        if (this.#idle.get(name) !== clone) return;
        this.#lost.add(name);
        this.changed();
      });
    } catch (error) {
      if (signal.aborted) return;
      // A libvirt that was restarted has broken the connection, and is there again.
      if (hasCode(error, 'KATAVM_LIBVIRT_UNREACHABLE')) await this.context.disconnect(this.#config.vm.uri);
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#error = messageOf(error);
    const pause = Math.min(longestPauseMilliseconds, firstPauseMilliseconds * 2 ** this.#failures++);
    // It needs another master, which makes everything anew.
    this.#notBefore = hasCode(error, 'KATAVM_POOL_MASTER_TOO_OLD') ? Number.POSITIVE_INFINITY : Date.now() + pause;
    const message = `a clone of ${this.name} for the pool did not come up: ${this.#error}`;
    this.context.emit({ type: 'notice', level: 'warning', code: 'KATAVM_POOL_BOOT_FAILED', message });
  }

  /** Ends boots that are under way; those that are not of this shelf are none of its business. */
  async giveUp(names: readonly string[]): Promise<void> {
    const boots = names.map((name) => this.#booting.get(name)).filter((boot) => boot !== undefined);
    for (const { giveUp } of boots) giveUp.abort();
    await Promise.all(boots.map(({ ended }) => ended));
  }

  /** Deletes clones that wait, unless a job was quicker. */
  async discard(names: readonly string[]): Promise<void> {
    const clones = names.map((name) => this.#idle.get(name)).filter((clone) => clone !== undefined);
    await Promise.all(clones.map((clone) => this.#discard(clone)));
  }

  async empty(): Promise<void> {
    await this.giveUp([...this.#booting.keys()]);
    await this.discard([...this.#idle.keys()]);
    // What could not be deleted is gc's.
    for (const { connection, lock } of this.#idle.values()) await Promise.all([connection.end(), lock.release()]);
  }

  async #discard(clone: IdleClone): Promise<void> {
    const { record, ready, lock, connection } = clone;
    const { state, emit } = this.context;
    if (!this.#doomed.has(record.name) && !(await takeReady(state, ready))) return this.#leave(clone);
    this.#doomed.add(record.name);
    try {
      await deleteClone(this.context, parseVmName(record.name), record.uri);
      await connection.end();
      this.#forget(clone);
      await endJob(state, record.name, lock);
    } catch (error) {
      const message = `could not delete ${record.name} of the pool: ${messageOf(error)}`;
      emit({ type: 'notice', level: 'warning', code: 'KATAVM_POOL_DELETE_FAILED', message });
    }
  }

  /** It is its job's: both hold it until now, and from now on the job alone. */
  async #leave(clone: IdleClone): Promise<void> {
    this.#takenAt = Date.now();
    this.#forget(clone);
    await clone.connection.leave();
    await clone.lock.release();
  }

  #forget({ record }: IdleClone): void {
    this.#idle.delete(record.name);
    this.#lost.delete(record.name);
    this.#doomed.delete(record.name);
  }
}
