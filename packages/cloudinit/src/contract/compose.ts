import type { CloudInitAdapter } from '../adapter.js';
import { failureOf, readComposed, sample, written } from './samples.js';
import type { TestFramework } from './test-framework.js';

export function promiseCompose(adapter: CloudInitAdapter, { describe, it, expect }: TestFramework): void {
  describe('compose', () => {
    it('gives a cloud-config: YAML below a first line that cloud-init knows', () => {
      const seed = adapter.compose(sample);
      expect(seed.userData).toMatch(/^#cloud-config\n/);
      expect(typeof readComposed(seed)).toBe('object');
    });

    it('is deterministic: the same input gives the same seed', () => {
      expect(adapter.compose(copyOf(sample))).toEqual(adapter.compose(sample));
    });

    it('makes the login user, without a password, with sudo and bash', () => {
      const users = readComposed(adapter.compose(sample))['users'] as unknown[];
      const user = users.find((entry) => (entry as { name?: unknown }).name === sample.user);
      expect(user).toMatchObject({ lock_passwd: true, shell: '/bin/bash' });
      expect(JSON.stringify(user)).toMatch(/NOPASSWD:ALL/);
    });

    it("keeps the config's other users and everything else that it asks for", () => {
      const config = readComposed(adapter.compose(sample));
      expect(JSON.stringify(config['users'])).toMatch(/"bob"/);
      const file = (config['write_files'] as { path?: unknown }[]).find(({ path }) => path === '/a');
      expect(file).toEqual({ path: '/a', content: 'yes\n' });
    });

    it('refuses user-data that defines the login user', async () => {
      for (const value of [{ users: [{ name: 'jenkins' }] }, { users: ['jenkins'] }, { user: 'jenkins' }]) {
        const error = await failureOf(() => adapter.compose({ ...sample, own: written(value) }));
        expect(error).toMatchObject({ code: 'KATAVM_USER_DATA_REDEFINES_USER', exitCode: 2 });
      }
    });

    it('holds no key: keys travel on the identity disk', () => {
      const { userData, metaData } = adapter.compose(sample);
      expect(userData + metaData).not.toMatch(/PRIVATE KEY|ssh-(rsa|ed25519) AAAA|public-keys/);
    });

    it("runs katavm's boot commands first, in their order", () => {
      const bootcmd = readComposed(adapter.compose(sample))['bootcmd'] as unknown[];
      expect(bootcmd.slice(0, sample.bootCommands.length)).toEqual([...sample.bootCommands]);
      expect(bootcmd).toContain('echo own');
    });

    it('gives the host name and the instance', () => {
      const { metaData } = adapter.compose(sample);
      expect(metaData).toContain(sample.hostname);
      expect(metaData).toContain(sample.instanceId);
    });

    it("lists every package, the config's and the site's, by name", () => {
      const { packages } = adapter.compose(sample);
      for (const name of ['jq', 'bc', 'curl']) expect(packages).toContain(name);
    });

    it('names the files that hold a proxy', () => {
      expect(adapter.proxyFiles).toContain('/etc/environment');
    });
  });
}

/** Another object with the same content; functions are shared. */
function copyOf<T>(value: T): T {
  if (Array.isArray(value)) return value.map(copyOf) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, copyOf(item)])) as T;
}
