import { stat } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { newWorld } from '../testing/world.js';
import { StateDirectory } from './state-directory.js';

describe('the home', () => {
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
