import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { loadConfig } from '../load/load-config.js';
import type { VmConfig } from '../vm-config.js';

/** A folder of its own for a test, with these files in it; gone when the test is over. Objects are written as YAML. */
export async function folderWith(files: Readonly<Record<string, string | object>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'katavm-config-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    // JSON is YAML, and puts every key on a line of its own.
    await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content, undefined, 2));
  }
  return folder;
}

/** An environment in which nothing of this host is read. */
export const emptyEnvironment = { HOME: '/nowhere', KATAVM_SITE: '' };

export const smallest = { version: 1, base: { packages: { suite: 'bookworm' } } };

export interface Situation {
  /** katavm.yaml */
  readonly config: string | object;
  /** site.yaml */
  readonly site?: string | object;
  /** Beside katavm.yaml. */
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

/** Loads a config named `test` from a folder of its own, `folder/configs/test`, with `folder/site.yaml` as the site file. */
export async function load({ config, site, files = {}, env = {} }: Situation): Promise<VmConfig & { readonly folder: string }> {
  const beside = Object.fromEntries(Object.entries(files).map(([name, content]) => [`configs/test/${name}`, content]));
  const folder = await folderWith({
    ...beside,
    'configs/test/katavm.yaml': config,
    ...(site === undefined ? {} : { 'site.yaml': site }),
  });
  const siteFile = site === undefined ? '' : join(folder, 'site.yaml');
  const loaded = await loadConfig({
    nameOrPath: 'test',
    cwd: folder,
    env: { ...emptyEnvironment, KATAVM_SITE: siteFile, ...env },
  });
  return { ...loaded, folder };
}
