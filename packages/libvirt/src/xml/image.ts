import type { MiB } from '@katavm/core';
import type { MemoryImage } from '../hypervisor.js';
import { imageFiles } from '../image/image-files.js';
import { element, type XmlElement } from './element.js';

/**
 * The guest's memory in a file of ours. libvirt's own `<memoryBacking>` knows no path. A `-machine` that is given again adds to
 * the one before, and the memory that libvirt asked for stays unused, hence unallocated.
 */
export function imageElement({ folder, use }: MemoryImage, memory: MiB): XmlElement {
  const path = imageFiles(folder).memory.replaceAll(',', ',,'); // QEMU's own escape
  const backend = `memory-backend-file,id=katavm.ram,size=${memory}M,mem-path=${path},share=${use === 'take' ? 'on' : 'off'}`;
  const words = ['-object', backend, '-machine', 'memory-backend=katavm.ram'];
  // What is to be restored comes later, by a descriptor: QEMU waits for it.
  if (use === 'restore') words.push('-incoming', 'defer');
  return element('qemu:commandline', {}, ...words.map((value) => element('qemu:arg', { value })));
}
