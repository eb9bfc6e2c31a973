import { statfs } from 'node:fs/promises';
import { availableParallelism, freemem, totalmem } from 'node:os';
import type { VmConfig } from '@katavm/config';
import type { Context } from '../context/context.js';
import { type Finding, failed, ok, warning } from './finding.js';

const gibibyte = 1024 ** 3;
/** A master from packages with docker and Go takes about 2 GiB, its base as much, and the build's overlay again. */
const buildBytes = 6 * gibibyte;

/** Free disk for a build, and memory and processors for the config's VM. */
export async function checkCapacity(context: Context, config: VmConfig | undefined): Promise<Finding[]> {
  const { bavail, bsize } = await statfs(context.state.home);
  const disk = checkDisk(context.state.home, bavail * bsize, config);
  if (!config) return [disk, ok('memory', `${gib(freemem())} of ${gib(totalmem())} free`)];
  return [disk, checkMemory(config), checkProcessors(config)];
}

/** A clone takes what its job writes, up to the whole of its disk. */
function checkDisk(home: string, freeBytes: number, config: VmConfig | undefined): Finding {
  const [check, found] = ['disk space', `${gib(freeBytes)} free in ${home}`];
  const mend = 'katavm gc, or set KATAVM_HOME to a larger disk';
  const cloneBytes = (config?.vm.disk ?? 0) * 1024 ** 2;
  if (freeBytes < buildBytes) return warning(check, `${found}; a build needs about ${gib(buildBytes)}`, mend);
  if (freeBytes < cloneBytes) return warning(check, `${found}; a clone of ${config?.name} can grow to ${gib(cloneBytes)}`, mend);
  return ok(check, found);
}

function checkMemory({ name, vm }: VmConfig): Finding {
  const needed = vm.memory * 1024 ** 2;
  const found = `${name} needs ${gib(needed)}; ${gib(freemem())} of ${gib(totalmem())} free`;
  if (needed > totalmem()) return failed('memory', found, 'lower vm.memory in the config or the site file');
  return needed > freemem() ? warning('memory', found, 'stop other guests, or lower vm.memory') : ok('memory', found);
}

function checkProcessors({ name, vm }: VmConfig): Finding {
  const found = `${name} needs ${vm.vcpus}; the host has ${availableParallelism()}`;
  return vm.vcpus > availableParallelism()
    ? failed('processors', found, 'lower vm.vcpus in the config or the site file')
    : ok('processors', found);
}

function gib(bytes: number): string {
  return `${(bytes / gibibyte).toFixed(1)} GiB`;
}
