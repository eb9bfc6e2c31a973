import { z } from '@katavm/core/schema';
import { plainReason } from './plain-reason.js';

/** Exactly what is asked for; `numExecutors` besides, since a node with two of them cannot be single use. */
export const nodeStateTree =
  'offline,temporarilyOffline,idle,offlineCauseReason,absoluteRemotePath,numExecutors,' +
  'executors[currentExecutable[url]],oneOffExecutors[currentExecutable[url]]';

const executor = z.object({
  /** Null where nothing runs, and also where the asking user may not read the job (Executor.getCurrentExecutableForApi). */
  currentExecutable: z.object({ url: z.string().nullish() }).nullish(),
});

/** Unknown keys (`_class`) are dropped. */
export const nodeStateSchema = z.object({
  offline: z.boolean(),
  temporarilyOffline: z.boolean(),
  idle: z.boolean(),
  offlineCauseReason: z.string().nullish(),
  absoluteRemotePath: z.string().nullish(),
  numExecutors: z.number(),
  executors: z.array(executor).default([]),
  oneOffExecutors: z.array(executor).default([]),
});

/** What Jenkins says of a node at one moment. */
export interface NodeState {
  /** Marked offline by somebody: no build starts; one that runs goes on, and the channel stays up. */
  readonly temporarilyOffline: boolean;
  /** False from the moment a build is given to the node, which is a little before it is one of `builds`. */
  readonly idle: boolean;
  /** What runs, as URLs; `unnamed` for what has none. */
  readonly builds: readonly string[];
  /** True while an agent is connected, whether the node is marked offline or not. False also where the user lacks Agent/Connect. */
  readonly connected: boolean;
  /** The message of whoever marked it offline; empty where there is none. A later disconnect can overwrite it. */
  readonly offlineReason: string;
  readonly executors: number;
}

export function toNodeState(value: z.infer<typeof nodeStateSchema>): NodeState {
  const running = [...value.executors, ...value.oneOffExecutors].flatMap(({ currentExecutable }) => currentExecutable ?? []);
  return {
    temporarilyOffline: value.temporarilyOffline,
    idle: value.idle,
    builds: running.map(({ url }) => url ?? 'unnamed'),
    connected: typeof value.absoluteRemotePath === 'string',
    offlineReason: plainReason(value.offlineCauseReason),
    executors: value.numExecutors,
  };
}
