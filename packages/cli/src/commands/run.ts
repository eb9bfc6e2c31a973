import { ExitCode, KatavmError, parseDuration, parseVmName } from '@katavm/core';
import { currentGeneration, jobCloneName, runInClone, type StartMode } from '@katavm/lifecycle';
import type { Argv } from 'yargs';
import { printResult } from '../render/output.js';
import { reportRun } from '../render/run-report.js';
import { command } from '../runtime/command.js';
import { type GlobalOptions, withConfig, withDryRun } from '../runtime/global-options.js';
import { withSession } from '../runtime/session.js';

interface Options extends GlobalOptions {
  readonly config: string;
  readonly name: string | undefined;
  readonly keepOnFailure: boolean;
  readonly bootTimeout: string;
  readonly start: StartMode | undefined;
  readonly timings: boolean;
  readonly dryRun: boolean;
  readonly '--'?: readonly string[];
}

function builder<T>(yargs: Argv<T>) {
  return withDryRun(withConfig(yargs))
    .option('name', { type: 'string', describe: "The clone's name (default: CONFIG and a random part)" })
    .option('keep-on-failure', { type: 'boolean', default: false, describe: 'Keep the clone where the command fails' })
    .option('start', {
      choices: ['cold', 'pooled', 'template'] as const,
      describe: 'How the clone comes to run (default: as the config says)',
    })
    .option('timings', { type: 'boolean', default: false, describe: "Say where the launch's time went" })
    .option('boot-timeout', { type: 'string', default: '10m', describe: 'How long the guest may take to answer' })
    .example('$0 run debian13 -- sysbench cpu run', 'a benchmark in a clean VM')
    .example('tar c . | $0 run debian13 -- sh -c "tar x && make"', 'with this folder on its stdin');
}

async function handler(options: Options): Promise<void> {
  const argv = options['--'] ?? [];
  if (argv.length === 0) throw noCommand(options.config);
  await withSession(options, async ({ context, signal, interrupts, uri, loadConfig }) => {
    // While the config is read: nearly every one uses this host's usual libvirt.
    if (!options.dryRun) context.connect(uri, signal).catch(() => {}); // whoever needs it meets the failure
    const config = await loadConfig(options.config);
    const name = options.name === undefined ? jobCloneName(config.name) : parseVmName(options.name, 'clone name');
    const command = context.adapters.ssh.quoteCommand(argv);
    if (options.dryRun) {
      const { manifest } = await currentGeneration(context.state, config.name);
      const plan = [
        { action: 'clone and start', subject: manifest.generation },
        { action: 'run', subject: command },
        { action: 'delete clone', subject: name },
      ];
      return printResult({ dryRun: true, plan }, options.json, () => '');
    }
    const { stdin, stdout, stderr } = process;
    const result = await runInClone(
      context,
      {
        config,
        name,
        command,
        stdin,
        stdout,
        stderr,
        start: options.start,
        keepOnFailure: options.keepOnFailure,
        timings: options.timings,
        bootTimeoutMilliseconds: parseDuration(options.bootTimeout),
        onCommand: interrupts.forwardTo.bind(interrupts),
      },
      signal,
    );
    reportRun(result, options);
  });
}

function noCommand(config: string): KatavmError {
  return new KatavmError({
    code: 'KATAVM_RUN_COMMAND_MISSING',
    message: 'there is no command to run',
    hint: `write it after "--": katavm run ${config} -- COMMAND…`,
    exitCode: ExitCode.usage,
  });
}

export const runCommand = command<Options>({
  command: 'run <config>',
  describe: 'Run a command in a fresh clone, and delete the clone',
  builder,
  handler,
});
