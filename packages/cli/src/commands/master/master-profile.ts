import { type BootProfile, type ChainLink, jobCloneName, profileMaster } from '@katavm/lifecycle';
import { printResult } from '../../render/output.js';
import { table } from '../../render/table.js';
import { command } from '../../runtime/command.js';
import { type GlobalOptions, withConfig } from '../../runtime/global-options.js';
import { withSession } from '../../runtime/session.js';

interface Options extends GlobalOptions {
  readonly config: string;
}

async function handler(options: Options): Promise<void> {
  const profile = await withSession(options, async ({ context, signal, loadConfig }) => {
    const config = await loadConfig(options.config);
    return profileMaster(context, { config, name: jobCloneName(config.name) }, signal);
  });
  printResult(profile, options.json, report);
}

function report({ generation, time, toSsh, toEnd, slowest, winnings }: BootProfile): string {
  const { total, ...parts } = time;
  const shown = Object.entries(parts).map(([part, seconds]) => `${part} ${seconds.toFixed(2)} s`);
  const slow = slowest.map(({ unit, seconds }) => [seconds.toFixed(2).padStart(7), unit]);
  const won = winnings.map(({ seconds, onCriticalChain, command }) => [
    seconds.toFixed(2).padStart(7),
    onCriticalChain ? 'others wait for it' : 'beside the others',
    command,
  ]);
  return [
    `${generation}: ${shown.join(', ')}; in all ${total.toFixed(2)} s`,
    ...['', 'What the SSH server waited for:', chain(toSsh)],
    ...['', 'What the end of the boot waited for:', chain(toEnd)],
    ...['', 'The slowest units:', table(['seconds', 'unit'], slow)],
    '',
    won.length === 0
      ? 'The seal leaves nothing on that a job could do without and that takes time.'
      : `A job that does not need them can do without (complete.commands):\n${table(['seconds', 'how', 'command'], won)}`,
  ].join('\n');
}

function chain(links: readonly ChainLink[]): string {
  const seconds = (value: number | undefined) => (value === undefined ? '' : value.toFixed(2)).padStart(7);
  return table(
    ['at', 'took', 'unit'],
    links.map(({ unit, at, took }) => [seconds(at), seconds(took), unit]),
  );
}

export const masterProfileCommand = command<Options>({
  command: 'profile <config>',
  describe: "Boot a clone and show where its boot's time goes, and what could still be won",
  builder: withConfig,
  handler,
});
