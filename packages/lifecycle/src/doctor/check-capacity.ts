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
  const free = bavail * bsize;
  const disk = `${gib(free)} free in ${context.state.home}`;
  const findings = [
    free >= buildBytes
      ? ok('disk space', disk)
      : warning(
          'disk space',
          `${disk}; a build needs about ${gib(buildBytes)}`,
          'katavm gc, or set KATAVM_HOME to a larger disk',
        ),
  ];
  if (!config) return [...findings, ok('memory', `${gib(freemem())} of ${gib(totalmem())} free`)];
  return [...findings, checkMemory(config), checkProcessors(config)];
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
