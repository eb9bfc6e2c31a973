import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { exec, ignoreEvents, start, type UndoStack } from '@katavm/core';
import { adapter } from '@katavm/ssh-agent-runner';
import { freePort } from '../free-port.js';

/** What an SSH client needs to know of a server. */
export interface Server {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly privateKey: string;
  /** `ssh-ed25519 AAAA…` */
  readonly hostKey: string;
}

/** OpenSSH's server on a loopback port, for this user. */
export async function startSshd(undo: UndoStack): Promise<Server> {
  const folder = await mkdtemp(join(tmpdir(), 'katavm-bench-sshd-'));
  undo.push('folder of sshd', () => rm(folder, { recursive: true, force: true }));
  const [host, privateKey] = [join(folder, 'host'), join(folder, 'client')];
  for (const key of [host, privateKey]) await exec('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
  const port = await freePort();
  const options = [
    `ListenAddress 127.0.0.1:${port}`,
    `HostKey ${host}`,
    `AuthorizedKeysFile ${privateKey}.pub`,
    'PidFile none',
    'StrictModes no',
    'UsePAM no',
    'PermitRootLogin prohibit-password',
  ];
  await writeFile(join(folder, 'config'), `${options.join('\n')}\n`);
  if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true }); // sshd's privilege separation
  const server = start('/usr/sbin/sshd', ['-D', '-e', '-f', join(folder, 'config')]);
  undo.push('sshd', async () => {
    server.kill();
    await server.ended;
  });
  const address = { host: '127.0.0.1', port };
  await adapter.waitForBanner({ address, timeoutMilliseconds: 10_000, hint: 'is sshd installed?', emit: ignoreEvents });
  const hostKey = (await readFile(`${host}.pub`, 'utf8')).trim();
  return { ...address, user: userInfo().username, privateKey, hostKey };
}

/** OpenSSH's client, as the original scripts called it, with the cipher that both sides like best. */
export async function opensshArguments(server: Server, command: string, undo: UndoStack): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'katavm-bench-ssh-'));
  undo.push('folder of ssh', () => rm(folder, { recursive: true, force: true }));
  const known = join(folder, 'known_hosts');
  await writeFile(known, `[${server.host}]:${server.port} ${server.hostKey}\n`);
  const options = [`UserKnownHostsFile=${known}`, 'IdentitiesOnly=yes', 'BatchMode=yes', 'LogLevel=ERROR'];
  const login = ['-F', 'none', '-T', '-i', server.privateKey, '-p', String(server.port), `${server.user}@${server.host}`];
  return [...options.flatMap((option) => ['-o', option]), ...login, command];
}
