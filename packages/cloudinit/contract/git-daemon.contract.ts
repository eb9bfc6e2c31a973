import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exec, type RunningProcess, start } from '@katavm/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { gitFiles } from '../src/proxy/git.js';
import { startProxy } from './proxy-server.js';

// Not "git daemon --help", which wants man.
const look = 'command -v socat && test -x "$(git --exec-path)/git-daemon"';
const hasAll = (await exec('sh', ['-c', look], { acceptExitCodes: [0, 1, 127] })).exitCode === 0;

let folder: string;
let daemon: RunningProcess | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'katavm-git-'));
});
afterEach(async () => {
  daemon?.kill();
  await daemon?.ended;
  await rm(folder, { recursive: true, force: true });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function startDaemon(): Promise<number> {
  const identity = ['-c', 'user.name=a', '-c', 'user.email=a@example.com'];
  await exec('git', ['init', '--quiet', join(folder, 'repository')]);
  await exec('git', [
    '-C',
    join(folder, 'repository'),
    ...identity,
    'commit',
    '--quiet',
    '--allow-empty',
    '-m',
    'through the proxy',
  ]);
  const port = await freePort();
  daemon = start('git', [
    'daemon',
    '--verbose',
    '--reuseaddr',
    '--export-all',
    '--listen=127.0.0.1',
    `--port=${port}`,
    `--base-path=${folder}`,
  ]);
  // Read to its end, not only until it is ready: its children write there too, and die where nobody reads.
  const { stderr } = daemon;
  await new Promise<void>((resolve) => stderr.on('data', (chunk) => String(chunk).includes('Ready to rumble') && resolve()));
  return port;
}

/** What compose writes into a guest, with the helper at a path of this test. */
async function installGitFiles(url: string): Promise<string> {
  const helper = join(folder, 'helper');
  const configuration = join(folder, 'gitconfig');
  for (const file of gitFiles({ git: url })) {
    const path = file.path === '/etc/gitconfig' ? configuration : helper;
    await writeFile(path, file.content.replaceAll('/usr/local/bin/katavm-git-proxy', helper));
    await chmod(path, Number.parseInt(file.permissions, 8));
  }
  return configuration;
}

describe.skipIf(!hasAll)('git itself', () => {
  it.each(['socks4a', 'socks5', 'http'])('clones a git:// URL through a %s proxy', async (scheme) => {
    const port = await startDaemon();
    const proxy = await startProxy(undefined);
    try {
      const configuration = await installGitFiles(`${scheme}://127.0.0.1:${proxy.port}`);
      const env = { GIT_CONFIG_SYSTEM: configuration, GIT_CONFIG_GLOBAL: '/dev/null' };
      await exec('git', ['clone', '--quiet', `git://git.example.com:${port}/repository`, join(folder, 'clone')], {
        env,
        timeoutMilliseconds: 60_000,
      });
      const { stdout } = await exec('git', ['-C', join(folder, 'clone'), 'log', '--format=%s']);
      expect(stdout).toBe('through the proxy');
      expect(proxy.seen.map(({ target }) => target)).toEqual([`git.example.com:${port}`]);
    } finally {
      proxy.close();
    }
  });
});
