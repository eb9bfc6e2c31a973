import { join } from 'node:path';
import type { Bootable } from '../acceleration/prove-kvm.js';
import type { Generation } from '../state/generations.js';

/** A generation as something that proves KVM by booting. */
export function generationBoot({ directory, disk, manifest: { boot } }: Generation): Bootable {
  if (boot.kind === 'disk') return { disk, format: 'qcow2', boot };
  const kernel = join(directory, boot.kernel.file);
  return { disk, format: 'qcow2', boot: { kind: 'kernel', kernel, initrd: undefined, commandLine: boot.commandLine } };
}
