import { rm } from 'node:fs/promises';
import { z } from '@katavm/core/schema';
import type { Context } from '../context/context.js';
import { readJson, writeJson } from '../state/json-file.js';
import type { StateDirectory } from '../state/state-directory.js';
import { listDrained, poolPaths } from './pool-folder.js';
import { isPoolServed } from './pool-lock.js';
import { listQuiet } from './quiet.js';

const servedConfigSchema = z.strictObject({
  config: z.string(),
  size: z.number(),
  ready: z.number(),
  booting: z.number(),
  /** What keeps it from being full. */
  heldBack: z.enum(['drained', 'quiet', 'no master', 'failing', 'handing out', 'budget', 'memory']).optional(),
  /** Why the last boot failed, until one succeeds. */
  error: z.string().optional(),
});

/** What a server that runs says of itself, in `pool/status.json`. */
const servedStatusSchema = z.strictObject({
  version: z.literal(1),
  pid: z.number(),
  /** The last question that it has heard. */
  asked: z.string(),
  budgetMiB: z.number(),
  /** What the guests that wait or boot to wait have. */
  usedMiB: z.number(),
  configs: z.array(servedConfigSchema),
});

export type ServedStatus = z.infer<typeof servedStatusSchema>;
export type ServedConfig = z.infer<typeof servedConfigSchema>;

export interface PoolStatus {
  /** `undefined` where no server runs. */
  readonly server: Pick<ServedStatus, 'pid' | 'budgetMiB' | 'usedMiB'> | undefined;
  readonly configs: readonly ServedConfig[];
  /** The clones whose jobs asked for a quiet host. */
  readonly quiet: readonly string[];
}

export async function tellStatus({ state }: Context, status: ServedStatus): Promise<void> {
  await writeJson(poolPaths(state).status, status, { mode: 0o600 });
}

export async function forgetStatus({ state }: Context): Promise<void> {
  await rm(poolPaths(state).status, { force: true });
}

/** `undefined` where no server has told anything yet. */
export function readServed(state: StateDirectory): Promise<ServedStatus | undefined> {
  return readJson(poolPaths(state).status, servedStatusSchema);
}

/** Looks at the files alone: asking neither disturbs the server nor waits for it. */
export async function poolStatus({ state }: Context): Promise<PoolStatus> {
  const [isServed, quiet, drained] = await Promise.all([isPoolServed(state), listQuiet(state), listDrained(state)]);
  const served = isServed ? await readServed(state) : undefined;
  if (served) {
    const { pid, budgetMiB, usedMiB, configs } = served;
    return { server: { pid, budgetMiB, usedMiB }, configs, quiet };
  }
  // Without a server nothing waits for long: libvirt ends its clones, and the next gc takes what is left of them.
  const configs = drained.map((config) => ({ config, size: 0, ready: 0, booting: 0, heldBack: 'drained' as const }));
  return { server: undefined, configs, quiet };
}
