import { formatSize, type MiB } from '@katavm/core';
import { type PoolStatus, poolStatus, type ServedConfig } from '@katavm/lifecycle';
import { printResult } from '../../render/output.js';
import { table } from '../../render/table.js';
import { command } from '../../runtime/command.js';
import type { GlobalOptions } from '../../runtime/global-options.js';
import { withSession } from '../../runtime/session.js';

async function handler(options: GlobalOptions): Promise<void> {
  const status = await withSession(options, ({ context }) => poolStatus(context));
  printResult(status, options.json, describe);
}

function describe({ server, configs, quiet }: PoolStatus): string {
  const first = server
    ? `process ${server.pid} keeps ${formatSize(server.usedMiB as MiB)} of at most ${formatSize(server.budgetMiB as MiB)}`
    : 'no server runs, so every job boots its clone: katavm pool serve';
  const quietLine = quiet.length === 0 ? [] : [`quiet is asked for by ${quiet.join(', ')}`];
  return [first, ...quietLine, ...(configs.length === 0 ? [] : [describeConfigs(configs)])].join('\n');
}

export function describeConfigs(configs: readonly ServedConfig[]): string {
  return table(
    ['config', 'ready', 'of', 'booting', 'held back by', 'last failure'],
    configs.map(({ config, ready, size, booting, heldBack, error }) => [
      config,
      String(ready),
      String(size),
      String(booting),
      heldBack ?? '',
      error?.split('\n')[0] ?? '',
    ]),
  );
}

export const poolStatusCommand = command({
  command: 'status',
  describe: 'Show what waits, and what keeps the pool from being full',
  builder: (yargs) => yargs,
  handler,
});
