import { parseVmName } from '@katavm/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jobCloneName, usualCloneName } from './clone-names.js';

/** What a config's folder may be called. */
const configName = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/);

test('every config has clone names that libvirt and DNS take', () => {
  fc.assert(
    fc.property(configName, (config) => {
      for (const name of [usualCloneName(config), jobCloneName(config)]) expect(parseVmName(name)).toBe(name);
    }),
  );
});

test('two jobs of one config never share a name, however long the config is called', () => {
  const config = 'x'.repeat(80);
  expect(new Set(Array.from({ length: 100 }, () => jobCloneName(config))).size).toBe(100);
});

test('the usual clone of a config is always called the same', () => {
  expect(usualCloneName('Ubuntu16.04')).toBe('ubuntu16-04-clone');
});
