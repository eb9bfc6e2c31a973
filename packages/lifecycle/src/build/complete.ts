import type { VmConfig } from '@katavm/config';
import { formatDuration, KatavmError, trackStep } from '@katavm/core';
import type { Context } from '../context/context.js';
import type { BuildVm } from './build-vm.js';
import { putCompletionFile } from './put-completion-file.js';

type GuestCommand = VmConfig['complete']['commands'][number];

/**
 * What cloud-init does not do: the config's files, its commands, and the checks that the master must pass.
 *
 * @throws KATAVM_COMPLETION_COMMAND_FAILED, KATAVM_COMPLETION_CHECK_FAILED with what the command printed.
 */
export async function complete(context: Context, vm: BuildVm, config: VmConfig, signal: AbortSignal): Promise<void> {
  for (const file of config.complete.files) {
    await trackStep(context.emit, 'put file', file.target, () => putCompletionFile(context, vm, config, file, signal));
  }
  for (const command of config.complete.commands) {
    await trackStep(context.emit, 'run', command.run, () => runInGuest(context, vm, command, 'command', signal));
  }
  for (const check of config.complete.checks) {
    await trackStep(context.emit, 'check', check.run, () => runInGuest(context, vm, check, 'check', signal));
  }
}

const shownLines = 15;

async function runInGuest(
  context: Context,
  vm: BuildVm,
  command: GuestCommand,
  kind: 'command' | 'check',
  signal: AbortSignal,
): Promise<void> {
  const { quoteCommand } = context.adapters.ssh;
  const shell = quoteCommand(['sh', '-c', command.run]);
  const end = await vm.session.run(command.as === 'root' ? `sudo -H ${shell}` : shell, {
    signal,
    timeoutMilliseconds: command.timeout,
    onLine: (_, line) => context.emit({ type: 'output', source: 'guest', line }),
  });
  if (end.exitCode === 0) return;
  const said = `${end.stdout}\n${end.stderr}`.trim().split('\n').slice(-shownLines).join('\n');
  throw new KatavmError({
    code: kind === 'check' ? 'KATAVM_COMPLETION_CHECK_FAILED' : 'KATAVM_COMPLETION_COMMAND_FAILED',
    message: `the completion ${kind} "${command.run}" exited with ${end.exitCode} in the guest${said && `:\n${said}`}`,
    hint: `mend "complete.${kind}s" of the config, or what should make it pass (limit: ${formatDuration(command.timeout)})`,
    details: { exitCode: end.exitCode },
  });
}
