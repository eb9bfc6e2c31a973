import { totalmem } from 'node:os';
import { listConfigs, loadConfig, type VmConfig } from '@katavm/config';
import { formatSize, type MiB, messageOf, parseSize } from '@katavm/core';
import { servePool } from '@katavm/lifecycle';
import { command } from '../../runtime/command.js';
import type { GlobalOptions } from '../../runtime/global-options.js';
import { ServiceManager } from '../../runtime/service-manager.js';
import { type Session, withSession } from '../../runtime/session.js';

interface Options extends GlobalOptions {
  readonly configs: readonly string[];
  readonly memory: string | undefined;
}

async function handler(options: Options): Promise<void> {
  const budget = options.memory === undefined ? halfOfTheHost() : parseSize(options.memory);
  const manager = new ServiceManager(process.env);
  await withSession(options, async (session) => {
    const { context, signal, emit } = session;
    signal.addEventListener('abort', () => void manager.stopping().catch(tell), { once: true });
    const onServing = async () => {
      const status = `keeps clones ready, with ${formatSize(budget)} at most`;
      emit({ type: 'notice', level: 'info', code: 'KATAVM_POOL_SERVING', message: `the pool server ${status}` });
      await manager.ready(status).catch(tell);
    };
    const tell = (error: unknown) => {
      const message = `systemd could not be told: ${messageOf(error)}`;
      emit({ type: 'notice', level: 'warning', code: 'KATAVM_POOL_NOT_NOTIFIED', message });
    };
    await servePool(context, { loadConfigs: () => load(options.configs, session), budget, onServing }, signal);
  });
}

/** The named ones; else those that can be named from here and have `start: pooled`. */
async function load(names: readonly string[], session: Session): Promise<VmConfig[]> {
  if (names.length > 0) return Promise.all(names.map((name) => session.loadConfig(name)));
  const listed = (await listConfigs()).filter(({ shadowed }) => !shadowed);
  const loaded = await Promise.all(listed.map(({ directory }) => loadConfig({ nameOrPath: directory }).catch(() => undefined)));
  return loaded.filter((config) => config !== undefined).filter(({ start }) => start === 'pooled');
}

/** The other half is for the jobs. */
function halfOfTheHost(): MiB {
  return Math.floor(totalmem() / 2 / 1024 ** 2) as MiB;
}

export const poolServeCommand = command<Options>({
  command: 'serve [configs..]',
  describe: 'Keep clones ready until it is ended (a service: systemd/katavm-pool.service)',
  builder: (yargs) =>
    yargs
      .positional('configs', { type: 'string', array: true, default: [], describe: 'Default: those with "start: pooled"' })
      .option('memory', { type: 'string', describe: "What the waiting guests may have together (default: half of the host's)" }),
  handler,
});
