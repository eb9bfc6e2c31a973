import { type Emit, type ExecResult, ExitCode, exec, hasCode, KatavmError, withUnnamedFile } from '@katavm/core';
import type { Seed } from '../adapter.js';
import { maskCredentials } from '../report/mask-credentials.js';

interface CheckOptions {
  readonly signal?: AbortSignal | undefined;
  readonly emit: Emit;
}

/**
 * Has this host's `cloud-init schema` look at the user-data; deprecated keys become notices (`KATAVM_USER_DATA_DEPRECATED`). Needs
 * neither root nor a host that uses cloud-init. The guest's version may be another one: this check is in addition to our own.
 *
 * @returns `checked` false where the host has no cloud-init, or one that cannot check (before 18.5, or without jsonschema).
 * @throws KATAVM_USER_DATA_REFUSED with cloud-init's own words, exit code 2; KATAVM_INTERRUPTED.
 */
export async function checkWithHost(seed: Seed, { signal, emit }: CheckOptions): Promise<{ readonly checked: boolean }> {
  const answer = await withUnnamedFile(seed.userData, async (file) => nameless(await askCloudInit(file, signal), file));
  if (!answer) return { checked: false };
  if (answer.exitCode !== 0) throw refused(answer.said);
  for (const message of deprecations(answer.said))
    emit({ type: 'notice', level: 'warning', code: 'KATAVM_USER_DATA_DEPRECATED', message });
  return { checked: true };
}

/** The answer, with no password in it and no path that nobody could open. */
function nameless(answer: ExecResult | undefined, file: string) {
  if (!answer) return undefined;
  const said = maskCredentials(`${answer.stderr}\n${answer.stdout}`).replaceAll(file, 'user-data').trim();
  return { exitCode: answer.exitCode, said };
}

/** `schema` is a subcommand since 22.2, and was `devel schema` before. */
async function askCloudInit(file: string, signal: AbortSignal | undefined): Promise<ExecResult | undefined> {
  for (const subcommand of [['schema'], ['devel', 'schema']]) {
    const answer = await runCloudInit([...subcommand, '--config-file', file], signal);
    if (!answer) return undefined;
    if (answer.exitCode === 2 && answer.stderr.includes('invalid choice')) continue;
    // Without python3-jsonschema, or with a broken installation, it judges nothing: newer ones say so, others show a traceback.
    return /^Traceback|jsonschema is not present/m.test(answer.stderr) ? undefined : answer;
  }
  return undefined;
}

async function runCloudInit(args: readonly string[], signal: AbortSignal | undefined): Promise<ExecResult | undefined> {
  try {
    return await exec('cloud-init', args, { signal, acceptExitCodes: [0, 1, 2] });
  } catch (error) {
    if (hasCode(error, 'KATAVM_COMMAND_MISSING')) return undefined;
    throw error;
  }
}

/** `Cloud config schema deprecations: KEY: DEPRECATED: …, KEY: …` on one line, or one to a line since 23.1. */
function deprecations(said: string): string[] {
  const listed = /Cloud config schema deprecations:\s*([\s\S]*?)(?=\nValid |$)/.exec(said)?.[1] ?? '';
  return listed
    .split(/\n|,\s+(?=[\w.-]+:\s)/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

function refused(said: string): KatavmError {
  return new KatavmError({
    code: 'KATAVM_USER_DATA_REFUSED',
    message: `this host's "cloud-init schema" refuses the composed user-data:\n${said}`,
    hint: 'mend those keys in the user-data of the config or of the site; cloud-init in the guest would ignore or misread them',
    exitCode: ExitCode.usage,
    details: { said },
  });
}
