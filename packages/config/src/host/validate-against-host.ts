import { ExitCode, formatSize, KatavmError } from '@katavm/core';
import type { HostCapacity, VmConfig } from '../vm-config.js';

/**
 * @throws KATAVM_CONFIG_VCPUS_EXCEED_HOST, KATAVM_CONFIG_MEMORY_EXCEED_HOST with what was asked for, where, and what there is.
 */
export function validateAgainstHost({ name, vm, origins }: VmConfig, host: HostCapacity): void {
  if (vm.vcpus > host.vcpus) {
    throw new KatavmError({
      code: 'KATAVM_CONFIG_VCPUS_EXCEED_HOST',
      message: `config ${name} asks for ${vm.vcpus} vCPUs (${origins.of(['vm', 'vcpus'])}); this host has ${host.vcpus} CPUs`,
      hint: `set vm.vcpus to at most ${host.vcpus}, in the config or for this host alone in its site file`,
      exitCode: ExitCode.usage,
      details: { asked: vm.vcpus, available: host.vcpus },
    });
  }
  if (vm.memory > host.memory) {
    throw new KatavmError({
      code: 'KATAVM_CONFIG_MEMORY_EXCEED_HOST',
      message: `config ${name} asks for ${formatSize(vm.memory)} of memory (${origins.of(['vm', 'memory'])}); this host has ${formatSize(host.memory)}`,
      hint: 'set vm.memory to less than that, in the config or for this host alone in its site file',
      exitCode: ExitCode.usage,
      details: { askedMebibytes: vm.memory, availableMebibytes: host.memory },
    });
  }
}
