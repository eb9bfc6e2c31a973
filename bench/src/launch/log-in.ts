import { type Greeting, type GuestAddress, adapter as ssh } from '@katavm/ssh-agent-runner';
import type { Parts } from './parts.js';

/** What opens a guest. */
export type Login = Pick<Parts, 'user' | 'keyPath' | 'hostKey'>;

const timeoutMilliseconds = 300_000;

/** Until a command has given its first byte, as katavm's agent does; the connection is closed then. */
export async function logIn(
  { user, keyPath, hostKey }: Login,
  { address, greeting }: { readonly address: GuestAddress; readonly greeting?: Greeting },
  signal: AbortSignal,
): Promise<void> {
  const given = { address, greeting, user, privateKeyPath: keyPath, hostKey, timeoutMilliseconds, signal };
  const session = await ssh.connect(given);
  await session.run('printf x', { signal });
  session.close();
}
