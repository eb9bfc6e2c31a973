import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { newWorld } from '../testing/world.js';
import { StateDirectory, stateHome } from './state-directory.js';

describe('the home', () => {
  test.each([
    { env: { KATAVM_HOME: '/srv/katavm', XDG_DATA_HOME: '/x' }, uid: 0, home: '/srv/katavm' },
    { env: { KATAVM_HOME: '', HOME: '/root' }, uid: 0, home: '/var/lib/katavm' },
    { env: { HOME: '/home/me' }, uid: 1000, home: '/home/me/.local/share/katavm' },
    { env: { HOME: '/home/me', XDG_DATA_HOME: '/data' }, uid: 1000, home: '/data/katavm' },
    { env: { HOME: '/home/me', XDG_DATA_HOME: '' }, uid: 1000, home: '/home/me/.local/share/katavm' },
  ])('of user $uid with $env is $home', ({ env, uid, home }) => {
    expect(stateHome(env, uid)).toBe(home);
  });

  test('is a full path wherever katavm is started: libvirt knows no current folder', () => {
    expect(stateHome({ KATAVM_HOME: 'here' }, 0)).toBe(join(process.cwd(), 'here'));
  });

  test("lets QEMU's user pass to the disks, and nobody else look into keys and locks", async () => {
    const { state } = (await newWorld()).context;
    const modeOf = async (path: string) => (await stat(path)).mode & 0o777;
    for (const path of [state.home, state.masters, state.clones, state.bases]) expect(await modeOf(path)).toBe(0o711);
    for (const path of [state.keys, state.locks]) expect(await modeOf(path)).toBe(0o700);
  });
});

test.each([
  ['a file', '/dev/full'],
  ['below a file', '/dev/full/katavm'],
])('a home that is %s is told, with what to do', async (_name, home) => {
  await expect(new StateDirectory(home).create()).rejects.toMatchObject({
    code: 'KATAVM_HOME_UNUSABLE',
    message: expect.stringContaining(home),
    hint: expect.stringContaining('KATAVM_HOME'),
  });
});
