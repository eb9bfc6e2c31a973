import { expect, test } from 'vitest';
import { parseArguments } from './parse-arguments.js';

const parse = (...argv: string[]) => parseArguments(argv, 'usage');

test("what stands behind the config is the guest's, options and all", () => {
  expect(parse('ubuntu24.04')).toEqual({ config: 'ubuntu24.04', command: [], options: {} });
  expect(parse('ubuntu24.04', 'cd "/x" && java -jar remoting.jar')).toMatchObject({
    command: ['cd "/x" && java -jar remoting.jar'],
  });
  expect(parse('c', '--', 'cat', '--node', 'x')).toEqual({ config: 'c', command: ['cat', '--node', 'x'], options: {} });
  expect(parse('c', '--version')).toMatchObject({ command: ['--version'] });
});

test('options stand before the config, their value in the next word or behind "="', () => {
  expect(parse('--node', 'vm 1', '--boot-timeout=5m', 'c')).toMatchObject({ options: { node: 'vm 1', 'boot-timeout': '5m' } });
  expect(parse('--node=a=b', 'c')).toMatchObject({ options: { node: 'a=b' } });
  expect(parse('--help')).toBe('help');
  expect(parse('--node', 'x', '--version')).toBe('version');
});

test.each([[[]], [['--node']], [['--node=', 'c']], [['--nosuch', 'c']], [['-n', 'c']]])('%j is told to be wrong', (argv) => {
  expect(() => parse(...argv)).toThrow(expect.objectContaining({ code: 'KATAVM_USAGE', exitCode: 2 }));
});
