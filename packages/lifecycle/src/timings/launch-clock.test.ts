import type { KatavmEvent } from '@katavm/core';
import { expect, it } from 'vitest';
import { LaunchClock } from './launch-clock.js';

it('tells every part once, in the order of the launch, the last time of one that was done again, and hands every event on', () => {
  const seen: KatavmEvent[] = [];
  const clock = new LaunchClock((event) => seen.push(event));
  const timing = (part: string, milliseconds: number): KatavmEvent => ({ type: 'timing', part, milliseconds });
  const all = [timing('start', 500), timing('boot', 20_000), timing('boot', 3000), timing('handshake', 900)];
  for (const event of all) clock.emit(event);
  expect(clock.timings).toEqual([
    { part: 'start', milliseconds: 500 },
    { part: 'boot', milliseconds: 3000 },
    { part: 'handshake', milliseconds: 900 },
  ]);
  expect(seen).toEqual(all);
  const span = clock.span('boot');
  expect(span && span.ended - span.began).toBeCloseTo(3000, 6);
  expect(clock.span('overlay')).toBeUndefined();
});
