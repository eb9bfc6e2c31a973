import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { waitFor } from '@katavm/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createGate } from '../src/gate/index.js';
import { JenkinsClient } from '../src/rest/jenkins-client.js';
import { type JenkinsConnection, requireJenkins } from '../src/rest/settings.js';
import { type Fault, StandInJenkins, type StandInNode, token, user } from '../src/testing/index.js';
import { Session } from './stand-in/session.js';

let jenkins: StandInJenkins;
let node: StandInNode;
let folder: string;
let connection: JenkinsConnection;
let sessions: Session[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'katavm-gate-'));
  jenkins = new StandInJenkins();
  await jenkins.start();
  node = jenkins.addNode('vm1');
  sessions = [];
  node.onLaunch = () => void sessions.push(new Session(node, connection, folder));
  connection = await requireJenkins({
    KATAVM_JENKINS_FILE: '',
    KATAVM_JENKINS_URL: jenkins.url,
    KATAVM_JENKINS_USER: user,
    KATAVM_JENKINS_TOKEN: token,
  });
});
afterEach(async () => {
  jenkins.fault = () => undefined;
  node.onLaunch = () => {};
  node.disconnect('the test is over');
  await Promise.all(sessions.map(({ ended }) => ended));
  await jenkins.stop();
  await rm(folder, { recursive: true });
});

const until = (name: string, met: () => boolean) =>
  waitFor({ name, probe: async () => met() || undefined, timeoutMilliseconds: 60_000, hint: '', everyMilliseconds: 2 });

/** Gives the node builds as fast as it takes them, and starts it where nobody else does, as Jenkins would once a minute. */
async function serve(builds: number, questions: number): Promise<Record<string, number>> {
  const outcomes: Record<string, number> = { done: 0, failed: 0, dropped: 0 };
  for (let number = 1; number <= builds; number++) {
    await until('a node that takes a build', () => {
      if (!node.connected && !node.temporarilyOffline && !booting()) node.launch();
      return node.acceptsBuilds;
    });
    const session = sessions.at(-1);
    const url = `job/a/${number}/`;
    let outcome = 'failed';
    const work = async () => {
      for (let question = 0; question < questions; question++) await session?.ask(url);
      outcome = 'done';
    };
    const result = await node.run({ url, work });
    outcomes[result === 'dropped' ? result : outcome] = (outcomes[result === 'dropped' ? result : outcome] ?? 0) + 1;
  }
  return outcomes;
}

const ended = new Set<Session>();
function booting(): boolean {
  for (const session of sessions) void session.ended.then(() => ended.add(session));
  return sessions.some((session) => !ended.has(session));
}

const usedTwice = () => sessions.filter(({ served }) => served.size > 1);

test('ten builds that are over at once run on ten clones, and none is dropped', async () => {
  expect(await serve(10, 1)).toEqual({ done: 10, failed: 0, dropped: 0 });
  expect(sessions.filter(({ served }) => served.size === 1)).toHaveLength(10);
  expect(usedTwice()).toEqual([]);
});

test('after the last build the node is online again with a clone that nobody has used, and nothing is remembered', async () => {
  await serve(1, 3);
  await until('a fresh clone', () => node.acceptsBuilds && sessions.length === 2);
  expect(sessions[1]?.served.size).toBe(0);
  expect((await readdir(folder)).filter((name) => name.endsWith('.json'))).toEqual([]);
});

test('no clone boots for nobody: without a waiting build, or where a job on this host asked for quiet, the node is left to Jenkins', async () => {
  const ends: [number, boolean, number][] = [
    [0, false, 0],
    [1, true, 0],
    [1, false, 1],
  ];
  for (const [waiting, quiet, launched] of ends) {
    jenkins.waiting = waiting;
    const before = node.launches;
    const gate = await createGate({ client: new JenkinsClient(connection), node: 'vm1', folder, isHostQuiet: async () => quiet });
    node.onLaunch = () => {};
    node.connect();
    gate.agentToController.write('x');
    await node.run({ url: 'job/a/1/', work: () => until('the mark', () => node.temporarilyOffline).then(() => {}) });
    await gate.finished;
    node.disconnect('gone');
    await gate.afterBuild();
    expect([node.launches - before, node.temporarilyOffline]).toEqual([launched, false]);
  }
});

test('a node that is marked offline, by drain or by hand, gets no clone: it would take no build', async () => {
  const client = new JenkinsClient(connection);
  await client.setOffline('vm1', 'drained: a <new> disk');
  await expect(createGate({ client, node: 'vm1', folder })).rejects.toMatchObject({
    code: 'KATAVM_JENKINS_NODE_MARKED',
    message: expect.stringContaining('drained: a <new> disk'),
    hint: expect.stringContaining('drain --undo vm1'),
  });
});

/** Jenkins restarts in the middle of a build, which has marked its node. Comes when a fresh clone takes builds. */
async function restartInBuild(loseNode: () => void): Promise<void> {
  node.launch();
  await until('the agent', () => node.acceptsBuilds);
  const [first] = sessions;
  const work = async () => {
    await first?.ask('job/a/1/');
    await new Promise(() => {}); // until Jenkins is gone
  };
  void node.run({ url: 'job/a/1/', work });
  await until('the mark', () => (first?.served.size ?? 0) === 1);
  await jenkins.stop();
  loseNode();
  node.assigned = undefined;
  node.running = undefined;
  await jenkins.start();
  await until('a fresh clone', () => {
    if (!node.connected && sessions.length === 1) node.launch();
    return node.acceptsBuilds;
  });
}

test('a mark that a controller before 2.482 hid at its restart is off the disk as well, and does not come back', async () => {
  await restartInBuild(() => node.restartOld());
  expect(node.temporarilyOffline).toBe(false);
});

test('a clone that waits for its build costs Jenkins no call', async () => {
  node.launch();
  await until('the agent', () => node.connected);
  const before = jenkins.calls.length;
  await pause(100);
  expect(jenkins.calls.length).toBe(before);
});

test.each([1, 2])(
  'with a third of all calls going wrong no clone is used twice and the node is never stuck (run %i)',
  async (seed) => {
    const random = randomOf(seed);
    const faults: readonly Fault[] = ['reset', 'lost', 'slow', 'unavailable'];
    jenkins.slowMilliseconds = 30;
    jenkins.fault = () => (random() < 1 / 3 ? faults[Math.floor(random() * faults.length)] : undefined);
    const { done, dropped } = await serve(4, 2);
    expect({ done, dropped }).toEqual({ done: 4, dropped: 0 });
    expect(usedTwice()).toEqual([]);
  },
);

test('a controller that restarts in the middle of a build keeps the mark; the next launch takes it away', async () => {
  await restartInBuild(() => node.disconnect('the controller is gone'));
  expect(sessions).toHaveLength(2);
  expect(await serve(1, 1)).toMatchObject({ done: 1 });
  expect(usedTwice()).toEqual([]);
});

test('a hook that was killed after closing its node leaves no node offline: the next launch opens it', async () => {
  node.launch();
  await until('the agent', () => node.acceptsBuilds);
  const killed = await createGate({ client: new JenkinsClient(connection), node: 'vm1', folder });
  killed.agentToController.write('x');
  const work = () => until('the mark', () => node.temporarilyOffline).then(() => {});
  await node.run({ url: 'job/a/1/', work });
  expect(node.temporarilyOffline).toBe(true);
  await killed.finished;
  // No afterBuild: this is the SIGKILL. Its agent goes with it.
  node.disconnect('gone');
  await Promise.all(sessions.map((session) => session.ended));
  node.launch();
  await until('a node that takes builds', () => node.acceptsBuilds);
});

test('a node that somebody else wants offline stays so after its build', async () => {
  node.launch();
  await until('the agent', () => node.acceptsBuilds);
  const [first] = sessions;
  const work = async () => {
    await first?.ask('job/a/1/');
    await new JenkinsClient(connection).setOffline('vm1', 'a new disk is put in');
    const looks = jenkins.calls.length;
    await until('two looks', () => jenkins.calls.length > looks + 2);
  };
  await node.run({ url: 'job/a/1/', work });
  await first?.ended;
  expect(node.temporarilyOffline).toBe(true);
  expect(sessions).toHaveLength(1);
});

test('a build that the user may not see is taken for one all the same', async () => {
  jenkins.mayReadJobs = false;
  expect(await serve(1, 1)).toEqual({ done: 1, failed: 0, dropped: 0 });
  expect(sessions[0]?.served.size).toBe(1);
});

test('without the permission to mark the node, the build fails and the clone goes', async () => {
  jenkins.forbidden = ['changeOfflineCause'];
  expect(await serve(1, 1)).toMatchObject({ failed: 1 });
  expect(sessions[0]?.failure).toMatchObject({ code: 'KATAVM_JENKINS_GATE_GAVE_UP' });
  expect(sessions[0]?.served.size).toBe(0);
});

test.each([
  ['a refused token', () => ({ ...connection, authorization: async () => 'Basic eDp5' }), 'vm1', 'KATAVM_JENKINS_REFUSED'],
  ['an unknown node', () => connection, 'vm2', 'KATAVM_JENKINS_NODE_MISSING'],
])('%s is told before anything boots', async (_, made, name, code) => {
  await expect(createGate({ client: new JenkinsClient(made()), node: name, folder })).rejects.toMatchObject({ code });
});

test('a node with two executors is told before anything boots', async () => {
  node.numExecutors = 2;
  const client = new JenkinsClient(connection);
  await expect(createGate({ client, node: 'vm1', folder })).rejects.toMatchObject({ code: 'KATAVM_JENKINS_EXECUTORS' });
});

/** Mulberry32: the same run for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
