import { readdir } from 'node:fs/promises';
import { KatavmError } from '@katavm/core';
import { describe, expect, test } from 'vitest';
import { newWorld } from '../testing/world.js';
import { checkCapacity } from './check-capacity.js';
import { checkLibvirt } from './check-libvirt.js';
import { checkTrialGuest } from './check-trial-guest.js';

describe('doctor', () => {
  test('fails a config that is larger than the host, and says which value to lower', async () => {
    const { context, config } = await newWorld();
    const huge = await config(
      'huge',
      '{version: 1, base: {packages: {suite: bookworm}}, vm: {vcpus: 4096, memory: 4096TiB, disk: 4096TiB}}',
    );
    const findings = await checkCapacity(context, huge);
    expect(findings).toContainEqual(
      expect.objectContaining({ check: 'memory', state: 'failed', mend: expect.stringContaining('vm.memory') }),
    );
    expect(findings).toContainEqual(
      expect.objectContaining({ check: 'processors', state: 'failed', mend: expect.stringContaining('vm.vcpus') }),
    );
    expect(findings).toContainEqual(
      expect.objectContaining({
        check: 'disk space',
        state: 'warning',
        found: expect.stringMatching(/huge can grow to 4194304/),
      }),
    );
  });

  test('tries whether clones can start from a memory image, and leaves nothing of the trial', async () => {
    const { context, libvirt } = await newWorld();
    expect(await checkTrialGuest(context, 'fake:///')).toMatchObject([
      { check: 'home', state: 'ok', found: expect.stringContaining(context.state.home) },
      { check: 'templates', state: 'ok' },
    ]);
    expect(libvirt.domains.size).toBe(0);
    expect(await readdir(context.state.templates)).toEqual([]);
  });

  test.each([
    [
      "QEMU's own, where QEMU cannot do it",
      'migrate: fd: migration to a file is not supported. Use file: instead',
      /QEMU's or libvirt's/,
    ],
    ['a rule of AppArmor, where something was denied', 'could not open memory: Permission denied', /AppArmor/],
  ])('tells why clones cannot start from a memory image, as a warning; the reason is %s', async (_, reason, mend) => {
    const { context } = await newWorld();
    const hypervisor = await context.connect('fake:///');
    const refuses = { ...hypervisor, restore: () => Promise.reject(new Error(reason)) };
    const findings = await checkTrialGuest({ ...context, connect: async () => refuses }, 'fake:///');
    const expected = { state: 'warning', found: expect.stringContaining(reason), mend: expect.stringMatching(mend) };
    expect(findings).toMatchObject([expected]);
  });

  test('fails a home that the user whom QEMU runs as cannot reach, and says which folder is to be opened', async () => {
    const { context } = await newWorld();
    const hypervisor = await context.connect('fake:///');
    const [code, hint] = ['KATAVM_LIBVIRT_REFUSED', 'chmod o+x "/home/ci"'] as const;
    const message =
      "libvirt could not start: Cannot access storage file '/home/ci/d' (as uid:64055, gid:64055): Permission denied";
    const refuses = { ...hypervisor, start: () => Promise.reject(new KatavmError({ code, message, hint })) };
    expect(await checkTrialGuest({ ...context, connect: async () => refuses }, 'fake:///')).toMatchObject([
      { check: 'home', state: 'failed', mend: hint },
      { check: 'templates', state: 'warning' },
    ]);
  });

  test('tells why libvirt does not answer, with the command that starts it, and does not fail itself', async () => {
    const { context } = await newWorld();
    const down = async () => {
      const init = { code: 'KATAVM_LIBVIRT_UNREACHABLE', message: 'no socket', hint: 'systemctl start libvirtd' } as const;
      throw new KatavmError(init);
    };
    expect(await checkLibvirt({ ...context, connect: down }, 'qemu:///system')).toEqual([
      { check: 'libvirt connection', state: 'failed', found: 'qemu:///system: no socket', mend: 'systemctl start libvirtd' },
    ]);
  });

  test('finds a bridge that the config names and the host does not have', async () => {
    const { context } = await newWorld();
    const findings = await checkLibvirt(context, 'fake:///', { kind: 'bridge', name: 'nobr0' });
    expect(findings).toMatchObject([
      { state: 'ok' },
      { check: 'network', state: 'failed', mend: expect.stringContaining('ip link add nobr0') },
    ]);
  });
});
