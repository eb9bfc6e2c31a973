import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { trackStep } from '@katavm/core';
import type { GuestSession } from '@katavm/ssh-agent-runner';
import type { Context } from '../context/context.js';
import { askGuest } from './ask-guest.js';
import { folderFailed, jarMissing, javaMissing, shellPrints } from './failures.js';

/** What an agent needs in the guest before it is started. */
export interface AgentNeeds {
  /** The Java program: a name to be found in PATH, or a path. */
  readonly java: string;
  /** The jar's place in the guest. Its folder is made, and belongs to the login user. */
  readonly target: string;
  /** The jar on this host; `undefined`: the master must have one at `target`. */
  readonly jar: string | undefined;
}

/**
 * Makes a guest ready for the agent in one question, and puts the jar unless the guest has the very same one. A missing Java
 * is found here, before the agent is started, and so is a login shell that prints: its words would be the agent's first bytes.
 *
 * @param needs `undefined` for a command that brings all it needs.
 * @throws KATAVM_AGENT_SHELL_PRINTS, KATAVM_AGENT_JAVA_MISSING, KATAVM_AGENT_FOLDER_FAILED, KATAVM_AGENT_JAR_MISSING,
 *   KATAVM_FILE_UNREADABLE, KATAVM_PUT_FAILED
 */
export async function prepareAgent(
  context: Context,
  session: GuestSession,
  needs: AgentNeeds | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (needs === undefined) return void (await ask(context, session, '', [], signal));
  await trackStep(context.emit, 'put agent', needs.target, () => prepareFor(context, session, needs, signal));
}

async function prepareFor(context: Context, session: GuestSession, { java, target, jar }: AgentNeeds, signal: AbortSignal) {
  const [{ answers, stderr }, wanted] = await Promise.all([
    ask(context, session, questions, [dirname(target), target, java], signal),
    jar === undefined ? undefined : digestOf(jar),
  ]);
  if (!answers.includes('folder')) throw folderFailed(dirname(target), stderr);
  if (!answers.includes('java')) throw javaMissing(java);
  const there = answers.find((answer) => answer.startsWith('jar '))?.slice('jar '.length);
  if (jar === undefined && there === undefined) throw jarMissing(target);
  if (jar !== undefined && there !== wanted) await session.putFile({ source: jar, target, mode: 0o644, signal });
}

/** Each line of its output says what is as it should be; what is not is missing from it. Arguments: folder, jar, java. */
const questions = `
own='mkdir -p "$1" && chown "$2" "$1"'
if mkdir -p "$1" 2>/dev/null && [ -w "$1" ] || sudo -n sh -c "$own" sh "$1" "$(id -u):$(id -g)"; then echo folder; fi
if command -v "$3" >/dev/null; then echo java; fi
if [ -r "$2" ]; then digest=$(sha256sum "$2") && echo "jar \${digest%% *}"; fi
`;

async function ask(context: Context, session: GuestSession, script: string, args: readonly string[], signal: AbortSignal) {
  const { before, stdout, stderr } = await askGuest(context, session, { script, args, signal });
  if (stdout === undefined || before !== '') throw shellPrints(before, stderr);
  return { answers: stdout.trim().split('\n'), stderr };
}

async function digestOf(path: string): Promise<string | undefined> {
  const content = await readFile(path).catch(() => undefined); // putFile says best why it cannot be read
  return content && createHash('sha256').update(content).digest('hex');
}
