import type { Duplex } from 'node:stream';
import type { Subprocess } from './subprocess.js';

/**
 * A pipe takes nothing back: a `cat` gives what it finds on descriptor 3, and then what stdin has. bash, because it alone can lay a
 * pipe to a process that it becomes itself; what Node makes are sockets (docs/decisions/openssh-for-descriptors.md).
 * Its stdin is descriptor 0 from the start: there libuv clears O_NONBLOCK, which Node has set and cat cannot read with.
 */
const script = 'exec "$@" < <(exec setpriv --pdeathsig KILL sh -c "cat <&3 && exec cat" 2>/dev/null) 3<&-';

/** The words of a command whose stdin gives the bytes of its descriptor 3 first. No file of the user's is read: what it prints would be the command's. */
export function fed(words: readonly string[]): readonly string[] {
  return ['bash', '--norc', '-p', '-c', script, 'bash', ...words];
}

/** Gives the bytes. Resolves when the rest of that stdin has ended too, which the `cat` tells by its own end, or the command has. */
export function feed({ node, kill }: Subprocess, bytes: Uint8Array): Promise<void> {
  const pipe = node.stdio?.[3] as Duplex | undefined;
  if (!pipe) return Promise.resolve(); // it could not be started
  pipe.on('error', () => {}).end(bytes); // EPIPE: it has ended
  pipe.resume();
  node.once('exit', () => {
    if (!pipe.readableEnded) kill('SIGKILL');
  });
  return new Promise((resolve) => pipe.once('close', resolve));
}
