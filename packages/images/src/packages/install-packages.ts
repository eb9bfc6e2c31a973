import { join } from 'node:path';
import { type Emit, trackStep } from '@katavm/core';
import { aptProxyEnvironment } from './apt/apt-proxy.js';
import { buildFailed } from './build-failed.js';
import { aptOptions, customizeHook, dpkgOptions, essentialHook, extractHook } from './hooks.js';
import { followPackages } from './progress.js';
import type { Recipe } from './recipe.js';
import { runInGroup } from './run-in-group.js';
import { type StagedSources, stageSources } from './stage-sources.js';
import { toolsPath } from './tools.js';
import { isOrdinaryUser } from './work-directory.js';

/** Unpacks and configures the recipe's packages. @returns the tree's directory. @throws KATAVM_BASE_BUILD_FAILED, KATAVM_BASE_DISK_FULL */
export async function installPackages(recipe: Recipe, work: string, emit: Emit, signal?: AbortSignal): Promise<string> {
  const tree = join(work, 'root');
  const sources = await stageSources(recipe, work);
  const lines: string[] = [];
  const follow = followPackages(emit);
  const onLine = (line: string) => {
    lines.push(line);
    follow(line);
  };
  const env = { ...(await aptProxyEnvironment(signal)), PATH: toolsPath(), TMPDIR: work };
  const options = mmdebstrapOptions(recipe, sources);
  const command = [...mountNamespace(), 'mmdebstrap', ...options, recipe.suite, tree, ...sources.lines];
  await trackStep(emit, 'install packages', recipe.name, async () => {
    const failure = await runInGroup(command, { env, signal, onLine });
    if (failure !== undefined) throw buildFailed(recipe.name, lines, work);
  });
  return tree;
}

/** root's mmdebstrap mounts /proc, /sys and /dev into the tree: in a namespace of its own, they are gone with it however it ends. */
function mountNamespace(): string[] {
  return isOrdinaryUser() ? [] : ['unshare', '--mount'];
}

function mmdebstrapOptions(recipe: Recipe, { uploads }: StagedSources): string[] {
  return [
    // --verbose: without a terminal, mmdebstrap would say nothing for a minute.
    ...['--verbose', `--mode=${isOrdinaryUser() ? 'unshare' : 'root'}`, '--variant=minbase', '--format=directory'],
    ...[`--architectures=${recipe.architecture.name}`, `--include=${recipe.packages.join(',')}`],
    ...aptOptions.map((option) => `--aptopt=${option}`),
    ...dpkgOptions.map((option) => `--dpkgopt=${option}`),
    `--extract-hook=${extractHook(recipe.packages)}`,
    ...[`--essential-hook=${essentialHook}`, `--customize-hook=${customizeHook}`],
    ...uploads.map(([from, to]) => `--customize-hook=upload "${from}" "${to}"`),
  ];
}
