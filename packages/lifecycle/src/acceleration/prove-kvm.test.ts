import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KvmProbe, ProbeKvmInput } from '@katavm/libvirt';
import { describe, expect, test } from 'vitest';
import { newWorld } from '../testing/world.js';
import { type Bootable, proveKvm } from './prove-kvm.js';

const kernelOf = (kernel: string): Bootable => ({
  disk: '/disk',
  format: 'raw',
  boot: { kind: 'kernel', kernel, initrd: undefined, commandLine: '' },
});

const works: KvmProbe = { usable: true, proven: true, reason: 'a kernel ran' };
const hangs: KvmProbe = { usable: false, proven: true, reason: 'the kernel hung' };
const denied: KvmProbe = { usable: false, proven: false, reason: 'permission denied for me' };
const busy: KvmProbe = { usable: false, proven: false, reason: 'QEMU ended: device or resource busy' };

/** A host whose answer the test changes, and the kernels that were booted on it. */
async function hostWith(first: KvmProbe) {
  const world = await newWorld();
  const host = { answer: first };
  const booted: unknown[] = [];
  const probeKvm = async ({ kernel }: ProbeKvmInput) => {
    if (host.answer !== denied) booted.push(kernel?.path);
    return host.answer;
  };
  const isKvmOpen = async () => host.answer !== denied;
  const { adapters } = world.context;
  const context = { ...world.context, adapters: { ...adapters, libvirt: { ...adapters.libvirt, isKvmOpen, probeKvm } } };
  const prove = (kernel = '/k') => proveKvm(context, kernelOf(kernel));
  return { state: context.state, booted, prove, becomes: (answer: KvmProbe) => Object.assign(host, { answer }) };
}

describe('the proof of KVM', () => {
  test.each([works, hangs])('is made once, not for every clone, when $reason', async (answer) => {
    const { prove, booted } = await hostWith(answer);
    for (let clone = 0; clone < 3; clone++) expect(await prove()).toEqual(answer);
    expect(booted).toEqual(['/k']);
  });

  test('is made as soon as a user who could not open /dev/kvm may: the refusal is not remembered', async () => {
    const { prove, becomes } = await hostWith(denied);
    expect(await prove()).toEqual(denied);
    becomes(works);
    expect(await prove()).toEqual(works);
  });

  test('does not hide that the user may no longer open /dev/kvm', async () => {
    const { prove, becomes } = await hostWith(works);
    await prove();
    becomes(denied);
    expect(await prove()).toEqual(denied);
  });

  test('is tried again where QEMU did not start: what kept it may be gone', async () => {
    const { prove, becomes } = await hostWith(busy);
    expect(await prove()).toEqual(busy);
    becomes(works);
    expect(await prove()).toEqual(works);
  });

  test('is made by another kernel where one did not run, and then holds for all', async () => {
    const { prove, becomes, booted } = await hostWith(hangs);
    await prove('/silent');
    becomes(works);
    expect(await prove('/silent')).toEqual(hangs);
    expect(await prove('/speaks')).toEqual(works);
    expect(await prove('/silent')).toEqual(works);
    expect(booted).toEqual(['/silent', '/speaks']);
  });

  test('is not asked of the copy of a kernel that did not run', async () => {
    const { prove, booted, state } = await hostWith(hangs);
    const [base, generation] = [join(state.home, 'base-kernel'), join(state.home, 'generation-kernel')];
    await writeFile(base, 'a kernel');
    await copyFile(base, generation);
    await prove(base);
    expect(await prove(generation)).toEqual(hangs);
    expect(booted).toEqual([base]);
  });

  test('is made anew where what is remembered cannot be read', async () => {
    const { prove, state } = await hostWith(works);
    await writeFile(state.kvmProbe, '{"key": "of an older katavm", "usable": false, "reason": "permission denied"}');
    expect(await prove()).toEqual(works);
  });
});
