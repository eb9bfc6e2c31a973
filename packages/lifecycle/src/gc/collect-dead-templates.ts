import { rm, rmdir } from 'node:fs/promises';
import { acquireLock, parseVmName } from '@katavm/core';
import type { Context } from '../context/context.js';
import { listGenerations } from '../state/generations.js';
import { removeTemplate } from '../template/remove-template.js';
import { templateLockName } from '../template/take-template.js';
import {
  listTemplateConfigs,
  listTemplateNames,
  partialName,
  readTemplate,
  removedSuffix,
  type Template,
} from '../template/template-folder.js';

/**
 * Removes what killed takings left, templates whose generation is gone, and those that a newer one of their generation has
 * replaced; never one that a clone's disk stands on. Returns the paths and names.
 */
export async function collectDeadTemplates(context: Context, uri: string, signal?: AbortSignal): Promise<string[]> {
  const hypervisor = await context.connect(uri, signal);
  const domains = (await hypervisor.list()).filter(
    ({ metadata }) => metadata.home === context.state.home && metadata.purpose === 'template',
  );
  const configs = new Set([...(await listTemplateConfigs(context.state)), ...domains.map(({ metadata }) => metadata.config)]);
  const collected: string[] = [];
  for (const config of configs) {
    // Who holds it is taking one at this moment.
    const lock = await acquireLock(context.state.lock(templateLockName(config)), { wait: false });
    if (!lock) continue;
    try {
      for (const { name, metadata } of domains) {
        if (metadata.config !== config) continue;
        await hypervisor.remove(parseVmName(name));
        collected.push(name);
      }
      collected.push(...(await collectFolders(context, config)));
      await rmdir(context.state.templatesOf(config)).catch(() => {}); // where another was left, or none ever was
    } finally {
      await lock.release();
    }
  }
  return collected;
}

async function collectFolders(context: Context, config: string): Promise<string[]> {
  const collected: string[] = [];
  const names = await listTemplateNames(context.state, config);
  const templates = await Promise.all(names.map((name) => readTemplate(context.state, config, name).catch(() => undefined)));
  const generations = new Set((await listGenerations(context.state, config)).map(({ manifest }) => manifest.generation));
  for (const [index, name] of names.entries()) {
    const path = context.state.template(config, name);
    const template = templates[index];
    if (name === partialName || name.endsWith(removedSuffix)) await rm(path, { recursive: true, force: true });
    else if (template && isNeeded(template, templates, generations)) continue;
    else if (!(await removeTemplate(context, config, name))) continue;
    collected.push(path);
  }
  return collected;
}

function isNeeded({ record }: Template, all: readonly (Template | undefined)[], generations: ReadonlySet<string>): boolean {
  const isNewer = (other: Template | undefined) =>
    other?.record.generation === record.generation && other.record.created > record.created;
  return generations.has(record.generation) && !all.some(isNewer);
}
