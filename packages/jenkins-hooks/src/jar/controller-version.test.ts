import { expect, test } from 'vitest';
import { needOfCached, needOfController } from './controller-version.js';

test.each([
  ['2.555.1', 21],
  ['2.545', 21],
  ['2.568.2', 21],
  ['2.541.3', 17],
  ['2.544', 17],
  ['2.479.1', 17],
  ['2.463', 17],
  ['2.462.3', 11],
  ['2.462.3.3', 11],
  ['2.361.1', 11],
  ['2.346.3', 8],
  ['2.60.1', 8],
  ['2.46.3', 7],
  ['1.651.3', 7],
  ['2.556-SNAPSHOT', 21],
  ['2.541-rc35000.a1b2c3d4e5f6', 17],
  [' 2.555.1 ', 21],
  ['3.0', 21],
])('Jenkins %s needs Java %i of its agents', (version, major) => {
  expect(needOfController(version)).toEqual({ major, of: `Jenkins ${version.trim()}` });
});

test.each([undefined, '', 'x', '2', '?', 'Jenkins 2.555.1', '2.x', '2.555.1; drop'])('%j names no version', (version) => {
  expect(needOfController(version)).toBeUndefined();
});

test('where the jar needs more than its controller, or says it alone, it is believed', () => {
  const cached = { url: 'http://jenkins/', sha256: '0'.repeat(64) };
  expect(needOfCached({ ...cached, controller: '2.541.3', java: 21 })).toMatchObject({
    major: 21,
    of: expect.stringContaining('jar'),
  });
  expect(needOfCached({ ...cached, controller: '2.555.1', java: 17 })).toMatchObject({ major: 21, of: 'Jenkins 2.555.1' });
  expect(needOfCached({ ...cached, controller: 'nonsense', java: 17 })).toMatchObject({ major: 17 });
  expect(needOfCached(cached)).toBeUndefined();
});
