import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Path } from '@katavm/core/document';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { emptyEnvironment, folderWith } from '../testing/folders.js';
import { loadConfig } from './load-config.js';

const everything = {
  version: 1,
  base: { packages: { suite: 'bookworm' } },
  vm: { vcpus: 1, network: { bridge: 'br0' } },
  guest: { user: 'jenkins' },
  cloudInit: { timeout: '5m' },
  complete: { files: [{ content: 'a', target: '/a' }], commands: [{ run: 'a' }], checks: ['b', { run: 'c' }] },
  agent: { java: 'java' },
  keys: { name: 'lab' },
  proxy: { http: 'http://proxy.example.org:3128' },
};

/** The paths of all mappings in a document. */
function mappingsOf(node: unknown, path: Path = []): Path[] {
  if (typeof node !== 'object' || node === null) return [];
  const inner = Object.entries(node).flatMap(([key, value]) =>
    mappingsOf(value, [...path, Array.isArray(node) ? Number(key) : key]),
  );
  return Array.isArray(node) ? inner : [path, ...inner];
}

/** A copy of the document with a key more in the mapping at this path. */
function withKey(node: unknown, path: Path, key: string): unknown {
  const [part, ...rest] = path;
  if (part === undefined) return { ...(node as object), [key]: 'x' };
  if (Array.isArray(node)) return node.map((item, index) => (index === part ? withKey(item, rest, key) : item));
  const mapping = node as Record<string, unknown>;
  return { ...mapping, [part]: withKey(mapping[part], rest, key) };
}

const keys = fc.oneof(
  fc.stringMatching(/^[a-z][A-Za-z]{0,12}$/).map((name) => `${name}Q`),
  fc.constantFrom('constructor', 'toString', 'Vm', 'user-data', 'hasOwnProperty', 'a b', '0'),
);

test.each(['katavm.yaml', 'site.yaml', 'site.yaml, for one config', 'site.yaml, for another config'])(
  'an unknown key anywhere in %s is found and named with its line',
  async (where) => {
    const folder = await folderWith({ 'configs/test/katavm.yaml': everything });
    const file = where === 'katavm.yaml' ? join(folder, 'configs/test/katavm.yaml') : join(folder, 'site.yaml');
    const prefix = where.endsWith('one config')
      ? ['configs', 'test']
      : where.endsWith('another config')
        ? ['configs', 'other']
        : [];
    const env = { ...emptyEnvironment, KATAVM_SITE: where === 'katavm.yaml' ? '' : file };

    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...mappingsOf(everything)), keys, async (path, key) => {
        const changed = withKey(everything, path, key);
        const document = prefix.reduceRight<unknown>((inner, part) => ({ [part]: inner }), changed);
        await writeFile(file, JSON.stringify(document, undefined, 2));
        const text = await readFile(file, 'utf8');
        const line = text.split('\n').findIndex((row) => row.trimStart().startsWith(`${JSON.stringify(key)}:`)) + 1;
        const named = `${file}:${line}: unknown key "${[...prefix, ...path, key].join('.')}"`;
        const error = await loadConfig({ nameOrPath: 'test', cwd: folder, env }).catch((thrown: unknown) => thrown);
        expect(error).toMatchObject({ code: 'KATAVM_CONFIG_UNKNOWN_KEY', exitCode: 2, message: expect.stringContaining(named) });
      }),
      { numRuns: 60 },
    );
  },
);
