import { loadConfig, loadSite, type VmConfig } from '@katavm/config';
import type { Emit } from '@katavm/core';
import { type Context, defaultUri, loadAdapters, openContext } from '@katavm/lifecycle';
import { createProgress } from '../render/progress.js';
import type { GlobalOptions } from './global-options.js';
import { Interrupts } from './interrupts.js';

/** What a command works with. */
export interface Session {
  readonly context: Context;
  readonly emit: Emit;
  readonly interrupts: Interrupts;
  readonly signal: AbortSignal;
  /** The libvirt connection where no config names another. */
  readonly uri: string;
  readonly loadConfig: (nameOrPath: string) => Promise<VmConfig>;
}

/** Runs a command's work with a context, and closes it afterwards. */
export async function withSession<T>(options: GlobalOptions, work: (session: Session) => Promise<T>): Promise<T> {
  const progress = createProgress(options);
  const interrupts = new Interrupts();
  interrupts.listen();
  const site = await loadSite({ env: process.env });
  const adapters = await loadAdapters({ file: site.file, modules: site.modules });
  const context = await openContext({ env: process.env, adapters, emit: progress.emit });
  try {
    return await work({
      context,
      emit: progress.emit,
      interrupts,
      signal: interrupts.signal,
      uri: defaultUri(process.env),
      loadConfig: (nameOrPath) => loadConfig({ nameOrPath, cwd: process.cwd(), env: process.env }),
    });
  } finally {
    await context.close();
    progress.close();
  }
}
