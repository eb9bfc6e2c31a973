import assert from 'node:assert/strict';
import { chmod, copyFile, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exec, hasCode } from '@katavm/core';
import type { KeysAdapter } from '../adapter.js';

/** Those of any test runner; the suite asserts by node:assert. */
export interface TestFunctions {
  describe(name: string, define: () => void): void;
  it(name: string, test: () => Promise<void>): void;
}

/** What katavm relies on, as tests: a replacement of `@katavm/keys` has to pass them. They need OpenSSH's `ssh-keygen`. */
export function keysContract(adapter: KeysAdapter, { describe, it }: TestFunctions): void {
  const test = (name: string, run: (path: string) => Promise<void>) => it(name, () => inFolder(run));

  describe('creating a key pair', () => {
    for (const type of ['ecdsa', 'ed25519', 'rsa'] as const) {
      test(`gives a ${type} pair that ssh-keygen itself finds whole`, async (path) => {
        const pair = await adapter.createKeyPair({ path, type, comment: 'for\nmy guests' });
        assert.equal(pair.created, true);
        assert.match(pair.publicKey, new RegExp(`^(ssh-${type}|${type}-sha2-nistp256) \\S+ for my guests$`));
        const { stdout } = await exec('ssh-keygen', ['-l', '-f', path]);
        assert.ok(stdout.includes(pair.fingerprint), stdout);
        assert.match(stdout, new RegExp(`^${type === 'rsa' ? 4096 : 256} .*\\(${type.toUpperCase()}\\)$`));
      });
    }

    test('lets nobody else read it, and leaves nothing beside it', async (path) => {
      await adapter.createKeyPair({ path });
      assert.equal(await modeOf(path), 0o600);
      assert.deepEqual(await readdir(join(path, '..')), ['katavm', 'katavm.pub']);
    });

    test('keeps a pair that is there, and replaces it only by force', async (path) => {
      const first = await adapter.createKeyPair({ path });
      assert.deepEqual(await adapter.createKeyPair({ path, type: 'rsa' }), { ...first, created: false });
      const forced = await adapter.createKeyPair({ path, force: true });
      assert.equal(forced.created, true);
      assert.notEqual(forced.fingerprint, first.fingerprint);
    });

    test('ten at once all get the same pair, made once', async (path) => {
      const pairs = await Promise.all(Array.from({ length: 10 }, () => adapter.createKeyPair({ path })));
      assert.equal(new Set(pairs.map(({ fingerprint }) => fingerprint)).size, 1);
      assert.equal(pairs.filter(({ created }) => created).length, 1);
    });

    test('by force, interrupted at once, keeps the old pair', async (path) => {
      await adapter.createKeyPair({ path });
      const before = await contents(path);
      await fails(adapter.createKeyPair({ path, type: 'rsa', force: true, signal: AbortSignal.abort() }), 'KATAVM_INTERRUPTED');
      assert.deepEqual(await contents(path), before);
    });
  });

  describe('reading a key pair', () => {
    test('gives what was created', async (path) => {
      const { created: _, ...pair } = await adapter.createKeyPair({ path });
      assert.deepEqual(await adapter.readKeyPair(path), pair);
    });

    // A build makes the key where this code says that there is none.
    test('says that there is none', (path) => fails(adapter.readKeyPair(path), 'KATAVM_KEY_MISSING'));

    test('says that others can read it', async (path) => {
      await adapter.createKeyPair({ path });
      await chmod(path, 0o640);
      await fails(adapter.readKeyPair(path), 'KATAVM_KEY_EXPOSED');
    });

    test('says that it is no key', async (path) => {
      await adapter.createKeyPair({ path });
      await writeFile(path, 'not a key');
      await fails(adapter.readKeyPair(path), 'KATAVM_KEY_INVALID');
    });

    test('says that the two files do not belong together', async (path) => {
      await adapter.createKeyPair({ path });
      await adapter.createKeyPair({ path: `${path}-other` });
      await copyFile(`${path}-other.pub`, `${path}.pub`);
      await fails(adapter.readKeyPair(path), 'KATAVM_KEY_MISMATCH');
    });
  });

  describe('a host key', () => {
    test('is a pair of its own each time, which sshd takes as it is', async (path) => {
      const [one, other] = await Promise.all([adapter.generateHostKey(), adapter.generateHostKey()]);
      assert.match(one.publicKey, /^ssh-ed25519 [A-Za-z0-9+/=]+$/);
      assert.notEqual(one.publicKey, other.publicKey);
      await adapter.createKeyPair({ path });
      await writeFile(`${path}-host`, one.privateKey, { mode: 0o600 });
      assert.equal((await exec('ssh-keygen', ['-y', '-f', `${path}-host`])).stdout.trim(), one.publicKey);
    });
  });
}

async function inFolder(run: (path: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'katavm-keys-'));
  try {
    await run(join(folder, 'state', 'keys', 'katavm'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const contents = (path: string) => Promise.all([path, `${path}.pub`].map((file) => readFile(file, 'utf8')));
const modeOf = async (path: string) => (await stat(path)).mode & 0o777;

async function fails(work: Promise<unknown>, code: `KATAVM_${string}`): Promise<void> {
  await assert.rejects(work, (error) => {
    assert.ok(hasCode(error, code), `expected ${code}, got ${error}`);
    return true;
  });
}
