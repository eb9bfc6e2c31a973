import type { ConnectInput } from '../adapter.js';

/** The name by which the guest's host key is looked up: its address may be any, and may have been another guest's. */
const alias = 'katavm-guest';

/**
 * 1.2 to 1.5 times the throughput of OpenSSH's own choice, ChaCha20, where processors have AES instructions. An emulated guest has
 * to do them one by one: it sends 0.88 times as much with this (`tools/bench agent`).
 */
const quickest = 'Ciphers=^aes128-gcm@openssh.com';

/** As in connect.ts. OpenSSH's own first choice is Curve25519 and sntrup761. */
const keyExchange = 'KexAlgorithms=^ecdh-sha2-nistp256';

/**
 * The arguments of OpenSSH's client (8.5 or later: KnownHostsCommand) for one command: the host key verified as ssh2 does it, one
 * key, no agent, no configuration file, no terminal. Nothing here is a secret: other users can read a process's arguments.
 *
 * It says nothing of its own (QUIET): its stderr is the command's. It sends no keepalive either: the session's connection does,
 * whose end ends this one, and bytes then move only for the command (see `bytesMoved`).
 */
export function sshArguments(
  { address, user, privateKeyPath, hostKey, emulated = false }: ConnectInput,
  command: string,
): string[] {
  const [type = '', base64 = ''] = hostKey.trim().split(/\s+/);
  const options = [
    'BatchMode=yes',
    ...(emulated ? [] : [quickest]),
    'GlobalKnownHostsFile=none',
    `HostKeyAlias=${alias}`,
    'IdentitiesOnly=yes',
    'IdentityAgent=none',
    keyExchange,
    `KnownHostsCommand=/bin/echo ${alias} ${type} ${base64}`,
    'LogLevel=QUIET',
    'PreferredAuthentications=publickey',
    'ServerAliveInterval=0',
    'StrictHostKeyChecking=yes',
    'UpdateHostKeys=no',
    'UserKnownHostsFile=none',
  ];
  const login = ['-F', 'none', '-T', '-i', privateKeyPath, '-p', String(address.port), '-l', user];
  return [...login, ...options.flatMap((option) => ['-o', option]), '--', address.host, command];
}
