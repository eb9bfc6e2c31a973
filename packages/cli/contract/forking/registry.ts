import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename } from 'node:path';
import { exec } from '@katavm/core';

interface Manifest {
  readonly name: string;
  readonly version: string;
}

interface Published {
  readonly manifest: Manifest;
  readonly tarball: string;
  readonly integrity: string;
}

/** A package registry on 127.0.0.1, as a company has one for its own scope: of each package, the one version that was published. */
export class Registry {
  readonly #packages = new Map<string, Published>();
  readonly #server: Server = createServer((request, response) => this.#answer(decodeURIComponent(request.url ?? ''), response));

  static async start(): Promise<Registry> {
    const registry = new Registry();
    await new Promise<void>((resolve) => registry.#server.listen(0, '127.0.0.1', resolve));
    return registry;
  }

  /** With no slash at its end. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async publish(tarball: string): Promise<void> {
    const { stdout } = await exec('tar', ['-xOzf', tarball, 'package/package.json']);
    const manifest = JSON.parse(stdout) as Manifest;
    const integrity = `sha512-${createHash('sha512')
      .update(await readFile(tarball))
      .digest('base64')}`;
    this.#packages.set(manifest.name, { manifest, tarball, integrity });
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(path: string, response: ServerResponse): void {
    const published = this.#packages.get(path.slice(1));
    const file = [...this.#packages.values()].find(({ tarball }) => path === `/-/${basename(tarball)}`);
    if (published) {
      response.setHeader('content-type', 'application/json').end(JSON.stringify(this.#describe(published)));
    } else if (file) createReadStream(file.tarball).pipe(response);
    else response.writeHead(404).end('{}');
  }

  /** What package managers read of a package. */
  #describe({ manifest, tarball, integrity }: Published): object {
    const dist = { tarball: `${this.url}/-/${basename(tarball)}`, integrity };
    return {
      name: manifest.name,
      'dist-tags': { latest: manifest.version },
      versions: { [manifest.version]: { ...manifest, dist } },
    };
  }
}
