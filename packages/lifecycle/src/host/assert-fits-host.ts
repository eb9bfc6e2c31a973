import { availableParallelism, totalmem } from 'node:os';
import { type VmConfig, validateAgainstHost } from '@katavm/config';
import type { MiB } from '@katavm/core';

/** @throws KATAVM_CONFIG_VCPUS_EXCEED_HOST, KATAVM_CONFIG_MEMORY_EXCEED_HOST */
export function assertFitsHost(config: VmConfig): void {
  validateAgainstHost(config, { vcpus: availableParallelism(), memory: Math.floor(totalmem() / 1024 ** 2) as MiB });
}
