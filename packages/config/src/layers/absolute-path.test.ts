import { isAbsolute } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { absolutePath } from './absolute-path.js';

test('a path becomes absolute, once and for all', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^~?\/?[a-z./~]{0,12}$/)), (written) => {
      const path = absolutePath(written, '/configs/a', '/home/u');
      expect(isAbsolute(path)).toBe(true);
      expect(absolutePath(path, '/elsewhere', '/home/other')).toBe(path);
    }),
  );
});

test.each([
  ['user-data', '/configs/a/user-data'],
  ['../b/x', '/configs/b/x'],
  ['~/bin/agent.jar', '/home/u/bin/agent.jar'],
  ['~', '/home/u'],
  ['~x', '/configs/a/~x'],
  ['/etc/x', '/etc/x'],
])('%s means %s', (written, path) => {
  expect(absolutePath(written, '/configs/a', '/home/u')).toBe(path);
});
