import type { DomainState } from '@katavm/libvirt';
import type { Context } from '../context/context.js';
import { listAllReady } from '../pool/pool-folder.js';
import { listCloneNames, readCloneRecord } from '../state/clone-record.js';

export interface CloneSummary {
  readonly name: string;
  readonly config: string;
  readonly generation: string;
  /** `pooled`: it was booted ahead of time, and waits for its job. */
  readonly purpose: 'job' | 'kept' | 'pooled' | 'unknown';
  readonly state: DomainState | 'undefined';
  readonly created: string | undefined;
  readonly owner: string | undefined;
}

/** Every clone of this home: its record from the state directory, its state from libvirt. */
export async function listClones(context: Context, uri: string, signal?: AbortSignal): Promise<CloneSummary[]> {
  const hypervisor = await context.connect(uri, signal);
  const domains = new Map((await hypervisor.list()).map((domain) => [domain.name, domain]));
  const names = await listCloneNames(context.state);
  const pooled = await listAllReady(context.state);
  return Promise.all(
    names.map(async (name) => {
      const record = await readCloneRecord(context.state, name).catch(() => undefined);
      return {
        name,
        config: record?.config ?? '',
        generation: record?.generation ?? '',
        purpose: pooled.has(name) ? 'pooled' : (record?.purpose ?? 'unknown'),
        state: domains.get(name)?.state ?? 'undefined',
        created: record?.created,
        owner: record?.owner,
      };
    }),
  );
}
