import type { KvmProbe } from '@katavm/libvirt';
import { describe, expect, test } from 'vitest';
import { newWorld } from '../testing/world.js';
import type { Bootable } from './prove-kvm.js';
import { resolveAcceleration } from './resolve-acceleration.js';

const bootable: Bootable = {
  disk: '/disk',
  format: 'raw',
  boot: { kind: 'kernel', kernel: '/k', initrd: undefined, commandLine: '' },
};

async function hostWith(probe: KvmProbe) {
  const world = await newWorld();
  const asked: unknown[] = [];
  const probeKvm = async (input: unknown) => {
    asked.push(input);
    return probe;
  };
  const { adapters } = world.context;
  const context = { ...world.context, adapters: { ...adapters, libvirt: { ...adapters.libvirt, probeKvm } } };
  return { ...world, asked, resolve: (wanted: 'auto' | 'kvm' | 'tcg') => resolveAcceleration(context, wanted, bootable) };
}

const works = { usable: true, proven: true, reason: 'a kernel ran' };
const broken = { usable: false, proven: true, reason: 'the kernel hung' };

describe('acceleration', () => {
  test('auto is KVM where a kernel ran under it, and says nothing', async () => {
    const host = await hostWith(works);
    expect(await host.resolve('auto')).toBe('kvm');
    expect(host.asked).toMatchObject([{ kernel: { path: '/k' } }]);
    expect(host.events).toEqual([]);
  });

  test('auto is emulation where none ran, and says once why timings mean nothing', async () => {
    const host = await hostWith(broken);
    expect(await host.resolve('auto')).toBe('tcg');
    expect(host.events).toMatchObject([{ level: 'warning', code: 'KATAVM_EMULATED', message: expect.stringContaining('hung') }]);
  });

  test('a config that demands KVM is refused where it does not work, with the reason', async () => {
    const host = await hostWith(broken);
    await expect(host.resolve('kvm')).rejects.toMatchObject({
      code: 'KATAVM_KVM_UNUSABLE',
      exitCode: 3,
      message: expect.stringContaining('hung'),
    });
  });

  test('emulation that was asked for needs no proof', async () => {
    const host = await hostWith(works);
    expect(await host.resolve('tcg')).toBe('tcg');
    expect(host.asked).toEqual([]);
  });
});
