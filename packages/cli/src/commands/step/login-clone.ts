import { parseVmName, type VmName } from '@katavm/core';
import { isPlan, loginClone, usualCloneName } from '@katavm/lifecycle';
import { printResult } from '../../render/output.js';
import { command } from '../../runtime/command.js';
import { type GlobalOptions, withCloneName, withConfig, withDryRun } from '../../runtime/global-options.js';
import { type Session, withSession } from '../../runtime/session.js';

interface Options extends GlobalOptions {
  readonly config: string;
  readonly name: string | undefined;
  readonly dryRun: boolean;
}

async function handler(options: Options): Promise<void> {
  await login(options, async (loadConfig) => {
    if (options.name !== undefined) return parseVmName(options.name, 'clone name');
    return usualCloneName((await loadConfig(options.config)).name);
  });
}

export interface LoginOptions extends GlobalOptions {
  readonly dryRun: boolean;
}

/** Opens a shell in the clone that `choose` names; its exit code becomes ours. */
export async function login(
  options: LoginOptions,
  choose: (loadConfig: Session['loadConfig']) => Promise<VmName>,
): Promise<void> {
  const result = await withSession(options, async ({ context, signal, loadConfig }) => {
    const { stdin, stdout, stderr } = process;
    return loginClone(context, { name: await choose(loadConfig), stdin, stdout, stderr, dryRun: options.dryRun }, signal);
  });
  if (isPlan(result) || options.json) printResult(result, options.json, () => '');
  if (!isPlan(result)) process.exitCode = result.exitCode;
}

export const loginCloneCommand = command<Options>({
  command: 'login-clone <config>',
  aliases: ['5-login-clone'],
  describe: 'Step 5: start a clone and open a shell in it',
  builder: (yargs) => withCloneName(withDryRun(withConfig(yargs))),
  handler,
});
