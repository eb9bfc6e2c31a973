import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { NodeState } from '../rest/node-state.js';
import { assignedMilliseconds, decide, type GateState, initialState, patienceMilliseconds, type Sight } from './decide.js';

const idle: NodeState = {
  temporarilyOffline: false,
  idle: true,
  builds: [],
  connected: true,
  offlineReason: '',
  executors: 1,
};
const building = { ...idle, idle: false, builds: ['job/a/1/'] };
const marked = { ...building, temporarilyOffline: true };
const sees = (node: NodeState): Sight => ({ kind: 'node', node });
const fails: Sight = { kind: 'failure', error: new Error('503'), lasting: false };
const refused: Sight = { kind: 'failure', error: new Error('403'), lasting: true };

/** What is done at each of the sights, one second apart. */
function run(...sights: Sight[]): string[] {
  let state = initialState;
  return sights.map((sight, index) => {
    const step = decide(state, sight, index * 1000);
    state = step.state;
    return step.action.do;
  });
}

test('a build gets its answer once the node is marked, and its end is told', () => {
  const sights = [sees(idle), sees(building), sees(marked), sees(marked), sees({ ...idle, temporarilyOffline: true })];
  expect(run(...sights)).toEqual(['pass', 'close', 'pass', 'look', 'finish']);
});

test('a build that is given to the node and has not begun is not dropped by the mark', () => {
  expect(run(sees({ ...building, builds: [] }), sees(building))).toEqual(['look', 'close']);
});

test('a build that the user may not see counts as one', () => {
  const hidden = sees({ ...building, builds: [] });
  expect(run(...Array<Sight>(assignedMilliseconds / 1000 + 1).fill(hidden)).at(-1)).toBe('close');
});

test('nothing passes while Jenkins cannot be asked, and the session ends when it stays so', () => {
  const actions = run(...Array<Sight>(patienceMilliseconds / 1000 + 1).fill(fails));
  expect(new Set(actions.slice(0, -1))).toEqual(new Set(['look']));
  expect(actions.at(-1)).toBe('give up');
});

test('a refused token ends the session at once, except while a build runs', () => {
  expect(run(refused)).toEqual(['give up']);
  expect(run(sees(building), sees(marked), refused, fails, sees(marked))).toEqual(['close', 'pass', 'look', 'look', 'look']);
});

test('a node that is put online by hand during its build is marked again', () => {
  expect(run(sees(building), sees(marked), sees(building), sees(marked))).toEqual(['close', 'pass', 'close', 'look']);
});

test('a second build on the clone ends the session', () => {
  expect(run(sees(building), sees(marked), sees({ ...building, builds: ['job/b/1/'] })).at(-1)).toBe('give up');
});

test('two executors are refused', () => {
  expect(run(sees({ ...idle, executors: 2 }))).toEqual(['give up']);
});

/** Jenkins, the clone and the gate's loop, one small thing at a time in any order. */
class World {
  offline = false;
  build: { readonly id: number; stage: 'assigned' | 'running' } | undefined;
  builds = 0;
  readonly said: number[] = [];
  readonly delivered: number[] = [];
  readonly used = new Set<number>();
  gate: GateState = initialState;
  ended = false;
  /** What the gate holds: all that had arrived when the last batch went. */
  batch = 0;
  call: { readonly what: 'look' | 'close'; sight?: Sight } | undefined;
  now = 0;

  snapshot(): NodeState {
    const builds = this.build?.stage === 'running' ? [`job/${this.build.id}/`] : [];
    return { ...idle, temporarilyOffline: this.offline, idle: this.build === undefined, builds };
  }

  readonly happenings: readonly (() => void)[] = [
    () => {
      if (!this.build && !this.offline) this.build = { id: ++this.builds, stage: 'assigned' };
    },
    () => {
      if (this.build?.stage !== 'assigned') return;
      if (this.offline) this.build = undefined;
      else this.build.stage = 'running';
    },
    () => {
      // It asks, and the clone answers.
      if (this.build?.stage === 'running') this.said.push(this.build.id);
    },
    () => {
      if (this.build && this.used.has(this.build.id)) this.build = undefined;
    },
    () => {
      if (this.build?.stage === 'running') this.build = undefined; // aborted
    },
    () => void this.said.push(0), // a ping's answer, a node monitor's
    () => this.startCall(),
    () => {
      if (this.call?.what === 'look') this.call.sight ??= { kind: 'node', node: this.snapshot() };
      if (this.call?.what === 'close') this.offline = true;
    },
    () => {
      if (this.call?.what === 'look') this.call.sight ??= fails;
    },
    () => this.endCall(),
    () => {
      this.now += 10_000;
    },
  ];

  startCall(): void {
    if (this.ended || this.call) return;
    if (this.gate.phase === 'open') {
      if (this.batch === 0) this.batch = this.said.length - this.delivered.length;
      if (this.batch === 0) return;
    }
    this.call = { what: 'look' };
  }

  /** Also a call whose answer was lost ends. */
  endCall(): void {
    const { call } = this;
    if (!call || (call.what === 'look' && !call.sight)) return;
    this.call = undefined;
    if (!call.sight) return;
    const { state, action } = decide(this.gate, call.sight, this.now);
    this.gate = state;
    if (action.do === 'pass') this.deliver(this.batch);
    if (action.do === 'close') this.call = { what: 'close' };
    if (action.do === 'finish' || action.do === 'give up') this.ended = true;
  }

  deliver(count: number): void {
    for (const id of this.said.slice(this.delivered.length, this.delivered.length + count)) {
      this.delivered.push(id);
      if (id !== 0 && this.build?.id === id) this.used.add(id);
    }
    this.batch = 0;
  }

  happen(which: number): void {
    this.now++;
    this.happenings[which]?.();
    if (this.gate.phase === 'closed' && !this.ended) this.deliver(this.said.length - this.delivered.length);
  }
}

/** Single happenings, and runs of them that are likely together: builds are quick, and calls are slow, or the other way round. */
const happening = fc.constantFrom(
  [0],
  [1],
  [2],
  [3],
  [4],
  [5],
  [6],
  [7],
  [8],
  [9],
  [10],
  [0, 1, 2],
  [3, 0, 1, 2],
  [6, 7],
  [9, 7],
  [9, 6, 7],
);
const story = fc.array(happening, { minLength: 20, maxLength: 200 }).map((parts) => parts.flat());

test('whatever happens in whatever order, no second build gets an answer from a clone, and no byte is lost or moved', () => {
  const property = fc.property(story, (happenings) => {
    const world = new World();
    for (const which of happenings) world.happen(which);
    expect(world.used.size).toBeLessThanOrEqual(1);
    expect(world.said.slice(0, world.delivered.length)).toEqual(world.delivered);
  });
  fc.assert(property, { numRuns: 3000 });
});

test('the model reaches what it is about: clones that serve a build to its end', () => {
  const served = fc.sample(story, { numRuns: 300, seed: 1 }).filter((happenings) => {
    const world = new World();
    for (const which of happenings) world.happen(which);
    return world.used.size === 1 && world.gate.phase === 'over';
  });
  expect(served.length).toBeGreaterThan(10);
});
