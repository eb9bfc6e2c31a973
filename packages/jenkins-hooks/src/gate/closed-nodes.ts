import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemErrorCode, withLock } from '@katavm/core';
import { z } from '@katavm/core/schema';

const schema = z.object({
  node: z.string(),
  url: z.string(),
  /** Which gate closed it. */
  gate: z.string(),
  since: z.string(),
});
export type ClosedNode = z.infer<typeof schema>;

/**
 * Which nodes this host has closed. Jenkins keeps the mark across a restart, and the reason beside it is overwritten by a disconnect,
 * so it cannot tell whose the mark is: this does, also after a hook was killed.
 */
export class ClosedNodes {
  constructor(private readonly folder: string) {}

  /** One at a time for each node: two that toggle it would undo each other. */
  async locked<T>(url: URL, node: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    return withLock(`${this.#path(url, node)}.lock`, { signal }, work);
  }

  async read(url: URL, node: string): Promise<ClosedNode | undefined> {
    try {
      return schema.parse(JSON.parse(await readFile(this.#path(url, node), 'utf8')));
    } catch (error) {
      if (systemErrorCode(error) === 'ENOENT') return undefined;
      // Half a record means that a gate was about to close the node.
      if (error instanceof SyntaxError || error instanceof z.ZodError) return { node, url: url.href, gate: '', since: '' };
      throw error;
    }
  }

  async write(url: URL, record: ClosedNode): Promise<void> {
    const path = this.#path(url, record.node);
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    await writeFile(`${path}.${record.gate}`, JSON.stringify(record), { mode: 0o600 });
    await rename(`${path}.${record.gate}`, path);
  }

  async forget(url: URL, node: string): Promise<void> {
    await rm(this.#path(url, node), { force: true });
  }

  /** A node's name may hold nearly anything, and two controllers nodes of the same name. */
  #path(url: URL, node: string): string {
    const digest = createHash('sha256').update(`${url.href}\n${node}`).digest('hex').slice(0, 12);
    return join(this.folder, `${node.replace(/[^\w-]+/g, '-').slice(0, 80)}-${digest}.json`);
  }
}
