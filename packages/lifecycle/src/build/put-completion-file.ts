import { randomUUID } from 'node:crypto';
import type { VmConfig } from '@katavm/config';
import { KatavmError } from '@katavm/core';
import type { Context } from '../context/context.js';
import type { BuildVm } from './build-vm.js';

type CompletionFile = VmConfig['complete']['files'][number];

/** Where the guest keeps the list of files whose name holds the host's name: the identity unit links them at each boot. */
const perHostFiles = '/usr/lib/katavm/per-host-files';

/**
 * Puts a file in the guest with its owner and mode.
 *
 * `{{hostname}}` in a target is the name of the machine that reads it, and each clone has a name of its own (checkmetrics
 * looks for a baseline that is named after its host). The file is therefore stored once under the master's name, and
 * listed, so that every clone links its own name to it before anything else starts.
 */
export async function putCompletionFile(
  context: Context,
  vm: BuildVm,
  config: VmConfig,
  file: CompletionFile,
  signal: AbortSignal,
): Promise<void> {
  const { quoteCommand } = context.adapters.ssh;
  const source = file.source ?? Buffer.from(file.content ?? '');
  const staged = `/tmp/katavm-${randomUUID()}`;
  const { target, targetTemplate } = file;
  await vm.session.putFile({ source, target: staged, mode: 0o600, signal });
  const [owner, group] = file.owner.split(':');
  const mode = file.mode.toString(8).padStart(4, '0');
  const install = ['install', '-D', '-o', owner ?? 'root', '-g', group ?? owner ?? 'root', '-m', mode, staged, target];
  const commands = [`sudo ${quoteCommand(install)}`, `rm -f ${staged}`];
  if (targetTemplate.includes('{{hostname}}')) {
    const line = `${target}\t${forAnyHost(targetTemplate, config)}`;
    commands.push(`printf '%s\\n' ${quoteCommand([line])} | sudo tee -a ${perHostFiles} >/dev/null`);
  }
  const end = await vm.session.run(commands.join(' && '), { signal });
  if (end.exitCode === 0) return;
  throw new KatavmError({
    code: 'KATAVM_COMPLETION_FILE_FAILED',
    message: `could not put ${file.source ?? 'the given content'} at ${target} in the guest: ${end.stderr.trim()}`,
    hint: 'see that "owner" names a user and a group of the guest, and that the target is an absolute path',
  });
}

/** The target with `@HOSTNAME@` for the name that only the clone knows. */
function forAnyHost(template: string, config: VmConfig): string {
  const values: Record<string, string> = { hostname: '@HOSTNAME@', config: config.name, user: config.guest.user };
  return template.replace(/\{\{(\w+)\}\}/g, (whole, name: string) => values[name] ?? whole);
}
