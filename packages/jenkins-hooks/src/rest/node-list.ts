import { z } from '@katavm/core/schema';
import { plainReason } from './plain-reason.js';

export const nodeListTree =
  'computer[displayName,offline,temporarilyOffline,idle,offlineCauseReason,absoluteRemotePath,assignedLabels[name],' +
  'executors[currentExecutable[url,timestamp]]]';

const computer = z.object({
  displayName: z.string(),
  offline: z.boolean(),
  temporarilyOffline: z.boolean(),
  idle: z.boolean(),
  offlineCauseReason: z.string().nullish(),
  absoluteRemotePath: z.string().nullish(),
  assignedLabels: z.array(z.object({ name: z.string() })).default([]),
  executors: z
    .array(z.object({ currentExecutable: z.object({ url: z.string().nullish(), timestamp: z.number().nullish() }).nullish() }))
    .default([]),
});

export const nodeListSchema = z.object({ computer: z.array(computer) });

/** A node as the list of all nodes has it. */
export interface NodeSummary {
  readonly name: string;
  /** `building`, `idle`, `offline` (marked by somebody), `disconnected` (no agent). */
  readonly state: 'building' | 'idle' | 'offline' | 'disconnected';
  readonly offlineReason: string;
  readonly labels: readonly string[];
  readonly build: { readonly url: string; readonly started: Date | undefined } | undefined;
}

export function toNodeSummary(node: z.infer<typeof computer>): NodeSummary {
  const [running] = node.executors.flatMap(({ currentExecutable }) => currentExecutable ?? []);
  return {
    name: node.displayName,
    state: running ? 'building' : node.temporarilyOffline ? 'offline' : node.offline ? 'disconnected' : 'idle',
    offlineReason: plainReason(node.offlineCauseReason),
    // Every node has a label of its own name.
    labels: node.assignedLabels.map(({ name }) => name).filter((name) => name !== node.displayName),
    build: running && {
      url: running.url ?? 'unnamed',
      started: running.timestamp == null ? undefined : new Date(running.timestamp),
    },
  };
}
