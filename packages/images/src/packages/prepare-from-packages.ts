import type { UndoStack } from '@katavm/core';
import type { BaseContext, PreparedBase } from '../adapter.js';
import { requireFreeSpace } from '../cache/disk-full.js';
import type { MadeBase } from '../cache/store-entry.js';
import { withCache } from '../cache/with-cache.js';
import type { PackagesSource } from '../schema.js';
import { installPackages } from './install-packages.js';
import { makeDisk } from './make-disk.js';
import { type Recipe, requestOf, toRecipe } from './recipe.js';
import { requireTools } from './tools.js';
import { makeWorkDirectory, removeTree, workParent } from './work-directory.js';

/**
 * Measured with a JRE, compilers, docker and Go: the unpacked tree takes 1.5 GB, the disk as raw and as qcow2 1 GB each. What is
 * refused here would have failed after a minute of work.
 */
const neededBytes = 2 * 1024 ** 3;

/** A disk made from the distribution's packages: no boot loader, no partition table, nothing that was not asked for. */
export async function prepareFromPackages(source: PackagesSource, context: BaseContext): Promise<PreparedBase> {
  const recipe = await toRecipe(source);
  const make = (partial: string, undo: UndoStack) => makeFromPackages(recipe, partial, undo, context);
  return withCache(requestOf(recipe), context, make);
}

async function makeFromPackages(recipe: Recipe, partial: string, undo: UndoStack, context: BaseContext): Promise<MadeBase> {
  const { emit, signal } = context;
  await requireTools(signal);
  for (const directory of [workParent(), context.cacheDirectory]) await requireFreeSpace(directory, neededBytes);
  const work = await makeWorkDirectory(requestOf(recipe), context, undo);
  const tree = await installPackages(recipe, work, emit, signal);
  const made = await makeDisk(recipe, tree, partial, emit, signal);
  await removeTree(work);
  return made;
}
