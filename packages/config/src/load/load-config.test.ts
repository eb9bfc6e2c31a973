import { join } from 'node:path';
import { expect, test } from 'vitest';
import { load, smallest } from '../testing/folders.js';

test('a config that says only its base gets every default', async () => {
  const config = await load({ config: smallest, env: { LIBVIRT_DEFAULT_URI: 'qemu:///session' } });

  expect(config).toMatchObject({
    name: 'test',
    directory: join(config.folder, 'configs/test'),
    base: { packages: { suite: 'bookworm', distribution: 'debian' } },
    vm: { vcpus: 2, memory: 2048, network: { kind: 'user' }, acceleration: 'auto', uri: 'qemu:///session' },
    guest: { user: 'jenkins', hostname: 'test-master' },
    cloudInit: { timeout: 1_800_000 },
    complete: { files: [], commands: [], checks: [] },
    agent: { directory: '/var/lib/jenkins', jar: '/nowhere/bin/agent.jar' },
    site: { modules: {} },
  });
});

test('sizes, durations, modes and the network arrive parsed', async () => {
  const config = await load({
    config: {
      ...smallest,
      vm: { memory: '1.5GiB', disk: '20G', network: { bridge: 'br0' } },
      cloudInit: { timeout: '90s' },
      complete: { files: [{ content: 'x', target: '/etc/x', mode: '0755' }], checks: [{ run: 'true', timeout: '5s' }] },
    },
  });

  expect(config.vm).toMatchObject({ memory: 1536, disk: 20 * 1024, network: { kind: 'bridge', name: 'br0' } });
  expect(config.cloudInit.timeout).toBe(90_000);
  expect(config.complete.files[0]?.mode).toBe(0o755);
  expect(config.complete.checks[0]).toEqual({ run: 'true', timeout: 5000, as: 'user' });
});

test('paths are relative to the folder of the file that gives them, and ~ is the home folder', async () => {
  const config = await load({
    config: {
      ...smallest,
      cloudInit: { userData: 'data/user-data' },
      complete: { files: [{ source: '../test/a.txt', target: '/a' }] },
      agent: { jar: '~/agent.jar' },
    },
    files: { 'data/user-data': '#cloud-config\n{}\n', 'a.txt': 'a' },
  });

  expect(config.cloudInit.userDataFile).toBe(join(config.directory, 'data/user-data'));
  expect(config.complete.files[0]?.source).toBe(join(config.directory, 'a.txt'));
  expect(config.agent.jar).toBe('/nowhere/agent.jar');
});

test('variables are filled in; what looks like one in a command and is none stays', async () => {
  const config = await load({
    config: {
      ...smallest,
      guest: { user: 'ci', hostname: 'box' },
      complete: {
        files: [{ content: '{{hostname}}', target: '/etc/{{config}}/{{hostname}}.toml', owner: '{{user}}:{{user}}' }],
        commands: ["usermod -aG docker {{user}} && docker ps --format '{{.Names}}'"],
      },
    },
  });

  expect(config.complete.files[0]).toMatchObject({
    content: '{{hostname}}',
    target: '/etc/test/box.toml',
    targetTemplate: '/etc/{{config}}/{{hostname}}.toml',
    owner: 'ci:ci',
  });
  expect(config.complete.commands[0]?.run).toBe("usermod -aG docker ci && docker ps --format '{{.Names}}'");
});

test('an empty section is as good as none', async () => {
  const config = await load({ config: 'version: 1\nbase: {packages: {suite: bookworm}}\nvm:\ncomplete:\n  files:\n' });
  expect(config.vm.vcpus).toBe(2);
  expect(config.complete.files).toEqual([]);
});

test("a file named user-data is the config's user-data without being named", async () => {
  const config = await load({ config: smallest, files: { 'user-data': '#cloud-config\n{}\n' } });
  expect(config.cloudInit.userDataFile).toBe(join(config.directory, 'user-data'));
  expect((await load({ config: smallest })).cloudInit.userDataFile).toBeUndefined();
});
