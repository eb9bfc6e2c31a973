import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { exec, ignoreEvents, start } from '@katavm/core';
import type { ConnectInput, GuestAddress } from '../src/index.js';
import { waitForBanner } from '../src/index.js';

/** A real OpenSSH server on a loopback port, that takes the place of a guest. */
export interface TestServer {
  readonly address: GuestAddress;
  readonly folder: string;
  /** The user's home folder, where the user may write. */
  readonly home: string;
  /** What connects to it; each field can be replaced. */
  readonly input: ConnectInput;
  log(): Promise<string>;
  stop(): Promise<void>;
}

export interface TestServerOptions {
  readonly keyType?: 'ed25519' | 'rsa' | 'ecdsa';
  readonly extra?: readonly string[];
}

const sshd = '/usr/sbin/sshd';

/** The root of another distribution, whose /usr takes the place of this host's in the server's namespace: its OpenSSH then. */
const otherRoot = process.env['KATAVM_TEST_SSHD_ROOT'];

/** A silent command that lasts as long as its sshd, also where a test kills that one: nothing of it is left then. */
export const lasting = 'while kill -0 "$PPID" 2>&-; do sleep 0.1; done';

/**
 * Started as root, the server logs in an ordinary user of its own (sshd takes no signals for root's sessions): in a mount
 * namespace of its own, so that this host's users are left alone. Otherwise it logs in the user who runs the tests.
 */
export async function startServer({ keyType = 'ed25519', extra = [] }: TestServerOptions = {}): Promise<TestServer> {
  const asRoot = process.getuid?.() === 0;
  const folder = await mkdtemp(join(tmpdir(), 'katavm-sshd-'));
  await chmod(folder, 0o755);
  const home = join(folder, 'home');
  await mkdir(home);
  await chmod(home, 0o777);
  for (const name of ['host', 'client', 'stranger']) await makeKey(join(folder, name), name === 'host' ? keyType : 'ed25519');
  await writeFile(join(folder, 'authorized_keys'), await readFile(join(folder, 'client.pub')), { mode: 0o644 });
  const user = asRoot ? 'katavm-test' : userInfo().username;
  const port = await freePort();
  const config = [
    `ListenAddress 127.0.0.1:${port}`,
    `HostKey ${folder}/host`,
    `AuthorizedKeysFile ${folder}/authorized_keys`,
    `PidFile ${folder}/pid`,
    'StrictModes no',
    'UsePAM no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PrintMotd no',
    'PrintLastLog no',
    'Subsystem sftp internal-sftp',
    ...(await guestOptions()),
    ...extra,
  ];
  await writeFile(join(folder, 'config'), `${config.join('\n')}\n`);
  const server = [sshd, '-D', '-e', '-f', join(folder, 'config'), '-E', join(folder, 'log')];
  const [program = '', ...args] = asRoot ? await inOwnNamespace(folder, home, user, server) : server;
  const process_ = start(program, args);
  process_.stdout.resume();
  process_.stderr.resume();

  const address = { host: '127.0.0.1', port };
  const log = () => readFile(join(folder, 'log'), 'utf8').catch(() => '');
  const stop = async () => {
    process_.kill('SIGTERM');
    await process_.ended;
    await rm(folder, { recursive: true, force: true });
  };
  const ready = waitForBanner({ address, timeoutMilliseconds: 20_000, hint: 'see its log', emit: ignoreEvents });
  const died = process_.ended.then(async ({ failure }) => Promise.reject(new Error(`sshd ended: ${failure}\n${await log()}`)));
  died.catch(() => {});
  await Promise.race([ready, died]);
  const hostKey = await readFile(join(folder, 'host.pub'), 'utf8');
  return { address, folder, home, log, stop, input: { address, user, hostKey, privateKeyPath: join(folder, 'client') } };
}

/** What a guest's build tells an sshd that knows it (packages/lifecycle/guest/install.sh). */
async function guestOptions(): Promise<string[]> {
  const asked = [sshd, '-G', '-f', '/dev/null', '-o', 'PerSourcePenalties=no'];
  const [program = '', ...args] = otherRoot === undefined ? asked : ['chroot', otherRoot, ...asked];
  const { exitCode } = await exec(program, args, { acceptExitCodes: [0, 1, 255] });
  return exitCode === 0 ? ['PerSourcePenalties no'] : [];
}

async function inOwnNamespace(folder: string, home: string, user: string, server: readonly string[]): Promise<string[]> {
  // The whole of /etc, since a mount on /etc/passwd itself is gone as soon as a package's installation replaces that file.
  const etc = join(folder, 'etc');
  await mkdir(etc);
  const unprivileged = 'sshd:x:64998:65534::/run/sshd:/usr/sbin/nologin';
  await writeFile(join(etc, 'passwd'), `root:x:0:0::/root:/bin/sh\n${unprivileged}\n${user}:x:64999:65534::${home}:/bin/sh\n`);
  await writeFile(join(etc, 'group'), 'root:x:0:\ntty:x:5:\nnogroup:x:65534:\n');
  // sshd wants /run/sshd to be there, and makes it for nobody.
  const script =
    'mount --bind "$1" /etc && mount -t tmpfs -o mode=755 none /run && mkdir /run/sshd && mount --bind "$2" /usr && shift 2 && exec "$@"';
  return ['unshare', '--mount', '--', 'sh', '-c', script, 'sh', etc, join(otherRoot ?? '/', 'usr'), ...server];
}

async function makeKey(path: string, type: string): Promise<void> {
  await exec('ssh-keygen', ['-q', '-t', type, '-N', '', '-C', '', '-f', path]);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}
