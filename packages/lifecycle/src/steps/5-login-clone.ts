import type { Readable, Writable } from 'node:stream';
import type { VmName } from '@katavm/core';
import type { CommandEnd, GuestSession } from '@katavm/ssh-agent-runner';
import { findClone } from '../clone/find-clone.js';
import { startClone } from '../clone/start-clone.js';
import type { Context } from '../context/context.js';
import { type Plan, planOf, type StepOptions } from './plan.js';

export interface LoginCloneInput extends StepOptions {
  readonly name: VmName;
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
}

export interface LoginCloneResult extends CommandEnd {
  readonly clone: string;
}

/** Step 5: starts a clone where it does not run, and opens a shell in it. @throws KATAVM_CLONE_NOT_FOUND, KATAVM_GUEST_* */
export async function loginClone(
  context: Context,
  input: LoginCloneInput,
  signal: AbortSignal,
): Promise<LoginCloneResult | Plan> {
  const { name } = input;
  const record = await findClone(context, name);
  if (input.dryRun) return planOf(['start clone where it does not run', name], ['open a shell', `${record.user}@${name}`]);
  const session = await startClone(context, { record, dieWithUs: false, signal });
  try {
    return { clone: name, ...(await openShell(session, input, signal)) };
  } finally {
    session.close();
  }
}

/** On a terminal, a terminal; for a script or /dev/null, as ssh has it, a login shell that reads its input to the end. */
async function openShell(
  session: GuestSession,
  { stdin, stdout, stderr }: LoginCloneInput,
  signal: AbortSignal,
): Promise<CommandEnd> {
  if ((stdin as { readonly isTTY?: boolean }).isTTY) return session.login({ stdin, stdout, signal });
  const shell = await session.pipe('exec "$SHELL" -l', { stdin, stdout, stderr, signal });
  return shell.ended;
}
