import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { release } from 'node:os';
import type { DomainSpec, Hypervisor } from '@katavm/libvirt';

/**
 * Everything that a memory image fits only one of, by what it is called to people. The guest has drawn its conclusions from all of
 * it: another QEMU may lay devices out otherwise, another processor may lack what the guest found.
 */
export type TemplateKey = Readonly<Record<string, string>>;

/** The key of an image of such a domain, taken or restored here and now. `spec.machine` is the versioned one. */
export async function templateKey(hypervisor: Hypervisor, spec: DomainSpec, generation: string): Promise<TemplateKey> {
  const { emulator, version, machine } = await hypervisor.platform(spec.acceleration);
  return {
    generation,
    emulator: `${version}, ${emulator}`,
    'build of the emulator': await buildOf(emulator),
    'machine type': machine,
    processor: spec.acceleration === 'kvm' ? `${spec.cpu} of ${await hostProcessor()}` : `${spec.cpu}, emulated`,
    "host's kernel": release(),
    memory: `${spec.memory} MiB`,
    'virtual processors': String(spec.vcpus),
    devices: hypervisor.shape({ ...spec, machine }),
  };
}

/** Part of a template's name. */
export function keyDigest(key: TemplateKey): string {
  return createHash('sha256').update(JSON.stringify(key)).digest('hex').slice(0, 12);
}

/** `the memory is 1024 MiB, and was 2048 MiB`, for each part that differs. */
export function keyDifferences(now: TemplateKey, taken: TemplateKey): string[] {
  const parts = [...new Set([...Object.keys(now), ...Object.keys(taken)])].filter((part) => now[part] !== taken[part]);
  return parts.map((part) => `the ${part} is ${now[part] ?? 'unknown'}, and was ${taken[part] ?? 'unknown'} when it was taken`);
}

/** A package that is installed anew, in the same version, too, shows in the file's number and times. */
async function buildOf(program: string): Promise<string> {
  const { size, ino, mtimeNs } = await stat(program, { bigint: true });
  return `${size} bytes, inode ${ino}, written ${mtimeNs}`;
}

async function hostProcessor(): Promise<string> {
  const text = await readFile('/proc/cpuinfo', 'utf8');
  const value = (name: string) => new RegExp(`^${name}\\s*: (.*)$`, 'm').exec(text)?.[1] ?? 'unknown';
  return `${value('model name')}, microcode ${value('microcode')}`;
}
