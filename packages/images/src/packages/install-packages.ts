import { join } from 'node:path';
import { type Emit, trackStep } from '@katavm/core';
import { aptProxyEnvironment } from './apt/apt-proxy.js';
import { buildFailed } from './build-failed.js';
import { aptOptions, customizeHook, dpkgOptions, essentialHook, extractHook } from './hooks.js';
import { followPackages } from './progress.js';
import type { Recipe } from './recipe.js';
import { runInGroup } from './run-in-group.js';
import { toolsPath } from './tools.js';
import { isOrdinaryUser } from './work-directory.js';

/** Unpacks and configures the recipe's packages. @returns the tree's directory. @throws KATAVM_BASE_BUILD_FAILED, KATAVM_BASE_DISK_FULL */
export async function installPackages(recipe: Recipe, work: string, emit: Emit, signal?: AbortSignal): Promise<string> {
  const tree = join(work, 'root');
  const lines: string[] = [];
  const follow = followPackages(emit);
  const onLine = (line: string) => {
    lines.push(line);
    follow(line);
  };
  const env = { ...(await aptProxyEnvironment(signal)), PATH: toolsPath(), TMPDIR: work };
  const command = [...mountNamespace(), 'mmdebstrap', ...mmdebstrapArguments(recipe), recipe.suite, tree, ...recipe.sources];
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

function mmdebstrapArguments(recipe: Recipe): string[] {
  return [
    // --verbose: without a terminal, mmdebstrap would say nothing for a minute.
    ...['--verbose', `--mode=${isOrdinaryUser() ? 'unshare' : 'root'}`, '--variant=minbase', '--format=directory'],
    ...[`--architectures=${recipe.architecture.name}`, `--include=${recipe.packages.join(',')}`],
    ...aptOptions.map((option) => `--aptopt=${option}`),
    ...dpkgOptions.map((option) => `--dpkgopt=${option}`),
    ...recipe.foreignKeyrings.flatMap(uploadKeyring),
    `--extract-hook=${extractHook(recipe.packages)}`,
    ...[`--essential-hook=${essentialHook}`, `--customize-hook=${customizeHook}`],
  ];
}

/** A keyring that no package brings must be in the guest, too, where its sources.list says. */
function uploadKeyring(path: string): string[] {
  const parent = path.slice(0, path.lastIndexOf('/')) || '/';
  return [`--setup-hook=mkdir -p "$1${parent}"`, `--setup-hook=upload "${path}" "${path}"`];
}
