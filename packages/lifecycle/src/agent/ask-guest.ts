import type { GuestSession } from '@katavm/ssh-agent-runner';
import type { Context } from '../context/context.js';

export interface GuestAnswer {
  /** What the login shell itself printed before; it reads its files for every command. */
  readonly before: string;
  /** What the script printed; `undefined` where it did not run. */
  readonly stdout: string | undefined;
  readonly stderr: string;
}

/** An emulated guest needs seconds for a few programs. */
const timeoutMilliseconds = 120_000;

/** Runs a script in the guest, as the login user, and tells its words from the login shell's. */
export async function askGuest(
  context: Context,
  session: GuestSession,
  { script, args, signal }: { readonly script: string; readonly args: readonly string[]; readonly signal: AbortSignal },
): Promise<GuestAnswer> {
  const words = ['sh', '-c', `printf '\\000'\n${script}`, 'sh', ...args];
  const { stdout, stderr } = await session.run(context.adapters.ssh.quoteCommand(words), { signal, timeoutMilliseconds });
  const begin = stdout.indexOf('\0');
  if (begin < 0) return { before: stdout, stdout: undefined, stderr };
  return { before: stdout.slice(0, begin), stdout: stdout.slice(begin + 1), stderr };
}
