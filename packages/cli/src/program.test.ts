import { afterEach, expect, test, vi } from 'vitest';
import { runProgram } from './program.js';

afterEach(() => vi.restoreAllMocks());

test.each([
  ['no command', []],
  ['an unknown command', ['bild', 'debian12']],
  ['an unknown option', ['clone', 'list', '--all']],
  ['half a command', ['master']],
  ['a missing config', ['run']],
  ['a command for the guest without --', ['run', 'debian12', 'make']],
  ['a choice that there is not', ['keys', 'create', '--type', 'dsa']],
  ['a number that is none', ['gc', '--keep-generations', 'abc']],
  ['a number that would remove all', ['gc', '--keep-generations', '0']],
])('%s is a usage error, with nothing on stdout and nothing done', async (_, argv) => {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  await expect(runProgram(argv)).rejects.toMatchObject({
    code: 'KATAVM_USAGE',
    exitCode: 2,
    hint: expect.stringContaining('katavm'),
  });
  expect(write).not.toHaveBeenCalled();
});

test('a run without a command says where to write it', async () => {
  await expect(runProgram(['run', 'debian12'])).rejects.toMatchObject({
    code: 'KATAVM_RUN_COMMAND_MISSING',
    hint: 'write it after "--": katavm run debian12 -- COMMAND…',
  });
});
