import type { MiB } from '@katavm/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ConfigView, handOutMilliseconds, type PoolView, planPool } from './plan-pool.js';

const now = Date.parse('2026-01-01T12:00:00Z');
const hour = 3_600_000;

const config = (changes: Partial<ConfigView> = {}): ConfigView => ({
  name: 'a',
  size: 2,
  memory: 100 as MiB,
  maxAgeMilliseconds: hour,
  drained: false,
  fits: 'now',
  ready: [],
  booting: [],
  notBefore: 0,
  takenAt: 0,
  ...changes,
});

const view = (configs: readonly ConfigView[], changes: Partial<PoolView> = {}): PoolView => ({
  now,
  budget: 10_000 as MiB,
  available: 10_000 as MiB,
  quiet: false,
  mostBootsAtOnce: 8,
  configs,
  ...changes,
});

const waiting = (name: string, age = 0, changes: object = {}) => ({
  name,
  fits: 'now',
  since: now - age,
  lost: false,
  ...changes,
});

test('an empty pool is filled, and a full one left alone until a clone grows old', () => {
  expect(planPool(view([config()])).boot).toEqual(['a', 'a']);
  const full = planPool(view([config({ ready: [waiting('x', 1000), waiting('y')] })]));
  expect(full).toMatchObject({ boot: [], discard: [], giveUp: [] });
  expect(full.lookAgainAt).toBe(now - 1000 + 0.8 * hour);
});

test('no config waits until another is full', () => {
  const plan = planPool(view([config({ size: 4 }), config({ name: 'b', size: 4 })], { mostBootsAtOnce: 4 }));
  expect([...plan.boot].sort()).toEqual(['a', 'a', 'b', 'b']);
});

test('a boot under way counts: for the size, for the memory, and for how many there are at once', () => {
  const booting = [{ name: 'x', fits: 'now' }];
  expect(planPool(view([config({ booting })])).boot).toEqual(['a']);
  expect(planPool(view([config({ booting })], { mostBootsAtOnce: 1 })).boot).toEqual([]);
  expect(planPool(view([config({ booting })], { budget: 150 as MiB })).heldBack.get('a')).toBe('budget');
});

test('the next clone boots when the one that was taken has been handed out', () => {
  const taken = view([config({ takenAt: now - 1 })]);
  expect(planPool(taken)).toMatchObject({ boot: [], lookAgainAt: now - 1 + handOutMilliseconds });
  expect(planPool({ ...taken, now: now - 1 + handOutMilliseconds }).boot).toEqual(['a', 'a']);
});

test('what keeps it from being full is told', () => {
  const held = (changes: Partial<ConfigView>, more: Partial<PoolView> = {}) =>
    planPool(view([config(changes)], more)).heldBack.get('a');
  expect(held({ drained: true })).toBe('drained');
  expect(held({ fits: undefined })).toBe('no master');
  expect(held({ notBefore: now + 1 })).toBe('failing');
  expect(held({ takenAt: now - 1 })).toBe('handing out');
  expect(held({}, { budget: 99 as MiB })).toBe('budget');
  expect(held({}, { available: 99 as MiB })).toBe('memory');
  expect(held({}, { quiet: true })).toBe('quiet');
});

test('a clone is deleted that is lost, too old, of something else, of a drained config, or one too many', () => {
  const discard = (changes: Partial<ConfigView>) => planPool(view([config(changes)])).discard;
  expect(
    discard({ ready: [waiting('x', 0, { lost: true }), waiting('y', hour + 1), waiting('z', 0, { fits: 'before' })] }),
  ).toEqual(['x', 'y', 'z']);
  expect(discard({ ready: [waiting('x')], drained: true })).toEqual(['x']);
  expect(discard({ ready: [waiting('x')], fits: undefined })).toEqual(['x']);
  expect(discard({ ready: [waiting('x', 2), waiting('y', 3), waiting('z', 1)] })).toEqual(['y']);
});

test('clones of one age are renewed one after another, and never all at once', () => {
  const old = 0.9 * hour;
  const ready = [waiting('x', old + 1), waiting('y', old)];
  expect(planPool(view([config({ ready })])).discard).toEqual(['x']);
  // The next one stays until the first one's successor is there.
  expect(planPool(view([config({ ready: ready.slice(1), booting: [{ name: 'z', fits: 'now' }] })])).discard).toEqual([]);
  expect(planPool(view([config({ ready: [waiting('z'), waiting('y', old)] })])).discard).toEqual(['y']);
});

test('a boot is given up that would bring what nobody may have', () => {
  const booting = [
    { name: 'x', fits: 'before' },
    { name: 'y', fits: 'now' },
  ];
  expect(planPool(view([config({ booting })])).giveUp).toEqual(['x']);
  expect(planPool(view([config({ booting, drained: true })])).giveUp).toEqual(['x', 'y']);
});

test('quiet is quiet: every boot is given up, and nothing is deleted either', () => {
  const plan = planPool(
    view([config({ ready: [waiting('x', 2 * hour)], booting: [{ name: 'y', fits: 'now' }] })], { quiet: true }),
  );
  expect(plan).toMatchObject({ discard: [], boot: [], giveUp: ['y'] });
});

test('whatever the pool looks like, a plan stays within its budget, its sizes and the boots at once', () => {
  const clones = fc.array(
    fc.record({
      fits: fc.constantFrom('now', 'before'),
      since: fc.integer({ min: now - 2 * hour, max: now }),
      lost: fc.boolean(),
    }),
    { maxLength: 6 },
  );
  const configs = fc.array(
    fc.record({
      size: fc.nat(8),
      memory: fc.integer({ min: 1, max: 500 }),
      drained: fc.boolean(),
      ready: clones,
      boots: fc.nat(3),
    }),
    { minLength: 1, maxLength: 4 },
  );
  fc.assert(
    fc.property(configs, fc.nat(3000), fc.integer({ min: 1, max: 4 }), (drawn, budget, mostBootsAtOnce) => {
      const views = drawn.map(({ size, memory, drained, ready, boots }, index) =>
        config({
          name: `c${index}`,
          size,
          memory: memory as MiB,
          drained,
          ready: ready.map((each, number) => ({ ...each, name: `r${index}-${number}` })),
          booting: Array.from({ length: boots }, (_, number) => ({ name: `b${index}-${number}`, fits: 'now' })),
        }),
      );
      const plan = planPool(view(views, { budget: budget as MiB, mostBootsAtOnce }));
      const after = views.map((each) => {
        const booted = plan.boot.filter((name) => name === each.name).length;
        const ready = each.ready.filter(({ name }) => !plan.discard.includes(name)).length;
        const booting = each.booting.filter(({ name }) => !plan.giveUp.includes(name)).length;
        return { ...each, booted, count: ready + booting + booted, booting: booting + booted };
      });
      for (const { booted, count, size } of after) if (booted > 0) expect(count).toBeLessThanOrEqual(size);
      if (plan.boot.length === 0) return;
      expect(after.reduce((sum, { count, memory }) => sum + count * memory, 0)).toBeLessThanOrEqual(budget);
      expect(after.reduce((sum, { booting }) => sum + booting, 0)).toBeLessThanOrEqual(mostBootsAtOnce);
    }),
  );
});
