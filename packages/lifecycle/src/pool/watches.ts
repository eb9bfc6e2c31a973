import { type FSWatcher, watch } from 'node:fs';

/** Folders that are watched for changes (inotify: nothing is asked, and nothing is paid for while nothing happens). */
export class Watches {
  readonly #watchers = new Map<string, FSWatcher>();

  /** Watches a folder from now on. One that is not there yet is tried again at the next call. */
  add(folder: string, changed: (name: string | null) => void): void {
    if (this.#watchers.has(folder)) return;
    try {
      const watcher = watch(folder, (_, name) => changed(name));
      watcher.on('error', () => {
        watcher.close();
        this.#watchers.delete(folder);
      });
      this.#watchers.set(folder, watcher);
    } catch {
      // ENOENT: it is not there yet. ENOSPC: the host has no watch left, and a look at times has to do.
    }
  }

  close(): void {
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }
}
