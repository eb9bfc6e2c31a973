import type { Path } from '@katavm/core/document';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Layer } from './layer.js';
import { mergeLayers, valuesOf } from './merge.js';
import { originsOf } from './origins.js';
import { isMapping, type Mapping } from './tree.js';

const together = () => true;
const layer = (value: Mapping, name = 'file'): Layer => ({ value, place: (path) => `${name}:${path.join('.')}` });
const merged = (...values: Mapping[]) =>
  valuesOf(
    mergeLayers(
      values.map((value) => layer(value)),
      together,
    ),
  );

const keys = fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor');
const { tree } = fc.letrec<{ tree: Mapping; node: unknown }>((tie) => ({
  tree: fc.array(fc.tuple(keys, tie('node')), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
  node: fc.oneof({ depthSize: 'small' }, fc.integer(), fc.array(fc.integer(), { maxLength: 3 }), tie('tree')),
}));

/** Own keys only: `constructor` is a key like any other. */
function valueAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>((node, part) => (isMapping(node) && Object.hasOwn(node, part) ? node[part] : undefined), root);
}

/** Every path to a scalar, a list or an empty mapping. */
function leavesOf(node: unknown, path: Path = []): { path: Path; value: unknown }[] {
  if (!isMapping(node)) return [{ path, value: node }];
  return Object.entries(node).flatMap(([key, value]) => leavesOf(value, [...path, key]));
}

test('a layer over itself, over nothing and under nothing changes nothing', () => {
  fc.assert(
    fc.property(tree, (value) => {
      expect(merged(value)).toEqual(value);
      expect(merged(value, value)).toEqual(value);
      expect(merged({}, value, {})).toEqual(value);
    }),
  );
});

test('whatever the highest layer gives is what comes out', () => {
  fc.assert(
    fc.property(tree, tree, tree, (low, middle, high) => {
      const result = merged(low, middle, high);
      for (const { path, value } of leavesOf(high)) expect(valueAt(result, path)).toEqual(value);
    }),
  );
});

test('merging has no order of its own: two layers first or last, the result is one', () => {
  fc.assert(
    fc.property(tree, tree, tree, (a, b, c) => {
      expect(merged(merged(a, b), c)).toEqual(merged(a, b, c));
    }),
  );
});

test('every value that comes out has the origin of the layer that gave it', () => {
  fc.assert(
    fc.property(tree, tree, (low, high) => {
      const layers: [Layer, Layer] = [layer(low, 'low'), layer(high, 'high')];
      const merge = mergeLayers(layers, together);
      const origins = originsOf(merge, layers, layers[0]);
      for (const { path, value } of leavesOf(valuesOf(merge))) {
        const [file] = origins.of(path).split(':');
        expect(valueAt(file === 'high' ? high : low, path)).toEqual(value);
      }
    }),
  );
});

test('null takes back what is below it, and only that', () => {
  expect(merged({ a: { b: 1, c: 2 } }, { a: { b: null } })).toEqual({ a: { c: 2 } });
  expect(merged({ a: { b: null } })).toEqual({ a: {} });
  expect(merged({ a: 1 }, { a: null }, { a: 2 })).toEqual({ a: 2 });
});

test("a list's missing item has no origin of the list that it replaced", () => {
  const layers: [Layer, Layer] = [layer({ list: [{ run: 'a', as: 'root' }] }, 'low'), layer({ list: [{ run: 'b' }] }, 'high')];
  const origins = originsOf(mergeLayers(layers, together), layers, layers[0]);
  expect(origins.of(['list', 0, 'run'])).toBe('high:list.0.run');
  expect(origins.of(['list', 0, 'as'])).toBe('default');
  expect(origins.place(['list', 0, 'as'])).toBe('high:list.0.as');
});
