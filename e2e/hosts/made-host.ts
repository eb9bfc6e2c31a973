import { createHash } from 'node:crypto';
import { mkdir, readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { acquireLock, exec } from '@katavm/core';
import { checkout } from '../harness/katavm.js';

/** What make-host leaves: the root directory that hosts stand on, and the minimal guest of that release's packages. */
export interface MadeHost {
  readonly root: string;
  readonly minimalGuest: string;
}

/** What a Debian machine has beside what katavm needs: a login, sudo, git for the checkout. */
const machine = ['systemd', 'systemd-sysv', 'dbus', 'libpam-systemd', 'polkitd', 'sudo', 'git', 'iproute2', 'procps', 'kmod'];
/** What the minimal guest is made with there. */
const forTheGuest = ['dpkg', 'e2fsprogs', 'qemu-utils'];

/** Why there can be no such host here, if so. */
export async function whyNoHost(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return 'only root may start a systemd in namespaces';
  const tried = await exec('unshare', ['--mount', '--pid', '--uts', '--ipc', '--cgroup', '--fork', 'true'], {
    acceptExitCodes: [0, 1],
  });
  return tried.exitCode === 0 ? undefined : tried.stderr;
}

/** The host of this release; made at the first use, and again where the list of packages or the scripts have changed. */
export async function madeHost(release: string): Promise<MadeHost> {
  const packages = [...machine, ...forTheGuest, ...(await neededPackages())].join();
  const scripts = ['hosts/make-host', 'minimal-guest/make-minimal-guest'].map((file) => readFile(join(checkout, 'e2e', file)));
  const digest = createHash('sha256').update(packages);
  for (const script of await Promise.all(scripts)) digest.update(script);
  const folder = join(await cacheFolder(), `${release}-${digest.digest('hex').slice(0, 12)}`);
  const lock = await acquireLock(`${folder}.lock`);
  try {
    const there = await stat(folder).catch(() => undefined);
    if (!there) await exec(join(import.meta.dirname, 'make-host'), [release, packages, folder]);
  } finally {
    await lock?.release();
  }
  return { root: join(folder, 'root'), minimalGuest: join(folder, 'minimal-guest') };
}

/** The bases that hosts make from packages; a host finds what an earlier one made. */
export async function sharedBases(): Promise<string> {
  const folder = join(await cacheFolder(), 'bases');
  await mkdir(folder, { recursive: true });
  return folder;
}

async function cacheFolder(): Promise<string> {
  const folder = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'katavm-e2e');
  await mkdir(folder, { recursive: true });
  return folder;
}

/** What tools/setup-host would install. */
async function neededPackages(): Promise<string[]> {
  const library = join(checkout, 'tools/lib');
  const { stdout } = await exec('bash', ['-c', '. "$library/packages.sh"; listed apt run run?'], { env: { library } });
  return stdout.split('\n').filter((name) => name !== '');
}
