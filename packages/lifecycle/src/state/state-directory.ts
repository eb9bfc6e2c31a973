import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ExitCode, KatavmError, systemErrorCode } from '@katavm/core';

/** The paths of the state directory (docs/state-directory.md). Nothing else composes them. */
export class StateDirectory {
  constructor(readonly home: string) {}

  get keys(): string {
    return join(this.home, 'keys');
  }

  get bases(): string {
    return join(this.home, 'bases');
  }

  get locks(): string {
    return join(this.home, 'locks');
  }

  get masters(): string {
    return join(this.home, 'masters');
  }

  get clones(): string {
    return join(this.home, 'clones');
  }

  /** What became of each run. */
  get runs(): string {
    return join(this.home, 'runs');
  }

  /** Memory images of masters. They fit this host alone, so they are no part of a generation. */
  get templates(): string {
    return join(this.home, 'templates');
  }

  get kvmProbe(): string {
    return join(this.home, 'kvm-probe.json');
  }

  /** agent.jar of each controller, by content. */
  get agents(): string {
    return join(this.home, 'agents');
  }

  /** Who holds which Jenkins node at this moment. */
  get launches(): string {
    return join(this.home, 'launches');
  }

  /** Jenkins nodes that a hook has closed for further builds, and that are to be opened again. */
  get closedNodes(): string {
    return join(this.home, 'closed-nodes');
  }

  get launchLogs(): string {
    return join(this.home, 'logs', 'jenkins');
  }

  /** The clones that are booted ahead of time, and who keeps them. */
  get pool(): string {
    return join(this.home, 'pool');
  }

  /** An empty file for each job that asked for a quiet host, named after its clone. */
  get quiet(): string {
    return join(this.home, 'quiet');
  }

  key(name: string): string {
    return join(this.keys, name);
  }

  lock(name: string): string {
    return join(this.locks, `${name}.lock`);
  }

  master(config: string): string {
    return join(this.masters, config);
  }

  generation(config: string, generation: string): string {
    return join(this.master(config), generation);
  }

  currentGeneration(config: string): string {
    return join(this.master(config), 'current');
  }

  templatesOf(config: string): string {
    return join(this.templates, config);
  }

  template(config: string, name: string): string {
    return join(this.templatesOf(config), name);
  }

  clone(name: string): string {
    return join(this.clones, name);
  }

  /**
   * Makes the folders. QEMU runs as a user of its own under qemu:///system and has to pass through the home to the
   * disks: 0711 lets it pass and not list. Keys are for their owner alone.
   *
   * @throws KATAVM_HOME_UNUSABLE
   */
  async create(): Promise<void> {
    const passable = [this.home, this.masters, this.clones, this.bases, this.templates];
    try {
      for (const path of passable) await mkdir(path, { recursive: true, mode: 0o711 });
      for (const path of [this.keys, this.locks, this.pool, this.quiet]) await mkdir(path, { recursive: true, mode: 0o700 });
    } catch (error) {
      throw homeUnusable(this.home, error);
    }
  }
}

/** Whatever the system said was said of this folder: it is of a file there, or of rights, or of room. */
function homeUnusable(home: string, cause: unknown): unknown {
  if (systemErrorCode(cause) === undefined) return cause;
  return new KatavmError({
    code: 'KATAVM_HOME_UNUSABLE',
    message: `could not make katavm's folders in ${home}: ${(cause as Error).message}`,
    hint: 'KATAVM_HOME names a folder that you may write, on a disk with room for the masters; without it, root has /var/lib/katavm',
    exitCode: ExitCode.hostNotReady,
    cause,
  });
}
