// What the gate costs: a round trip while no build is known, the channel's set-up, and the bytes once a build is known.
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Duplex, PassThrough } from 'node:stream';
import { createGate, JenkinsClient, requireJenkins } from '@katavm/jenkins-hooks';
import { type Measure, measure, timed } from './measure.js';
import { type Bench, runBench } from './run-bench.js';

/** What a look at a real controller (2.460, one agent) took. */
const lookMilliseconds = 9;
/** How often a real controller waits for its agent until it is online. */
const setUpTrips = 85;
const rounds = 7;
const trips = 200;
/** 512 MB. */
const chunks = 8192;
const chunk = Buffer.alloc(64 * 1024, 1);

await runBench(async (bench) => [
  ...(await withGate(0, (stream) => unclaimed(bench, stream, 'at once'))),
  ...(await withGate(lookMilliseconds, (stream) => unclaimed(bench, stream, `in ${lookMilliseconds} ms`))),
  ...(await withGate(0, (stream, controller) => claimed(bench, stream, controller))),
]);

/** The controller has one node. */
interface Controller {
  building: boolean;
}

/** A node that is idle, or that builds and is marked. */
function stateOf({ building }: Controller): object {
  const executors = [{ currentExecutable: building ? { url: 'job/bench/1/' } : null }];
  const mark = { offline: building, temporarilyOffline: building, idle: !building };
  return { ...mark, offlineCauseReason: '', absoluteRemotePath: '/var/lib/jenkins', numExecutors: 1, executors };
}

async function withGate(
  answerMilliseconds: number,
  work: (stream: Duplex, controller: Controller) => Promise<Measure[]>,
): Promise<Measure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'katavm-bench-gate-'));
  const controller: Controller = { building: false };
  const server = createServer((_, response) => {
    const answer = () => response.end(JSON.stringify(stateOf(controller)));
    if (answerMilliseconds === 0) answer();
    else setTimeout(answer, answerMilliseconds);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const settings = { KATAVM_JENKINS_URL: url, KATAVM_JENKINS_USER: 'bench', KATAVM_JENKINS_TOKEN: 'bench' };
    const client = new JenkinsClient(await requireJenkins({ KATAVM_JENKINS_FILE: '', ...settings }));
    const gate = await createGate({ client, node: 'bench', folder });
    const measures = await work(gate.agentToController, controller);
    gate.agentToController.destroy();
    await gate.afterBuild();
    return measures;
  } finally {
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true });
  }
}

async function unclaimed({ say }: Bench, stream: Duplex, how: string): Promise<Measure[]> {
  say(`round trips while no build is known; Jenkins answers ${how}`);
  await roundTrip(stream);
  const added = await samples(trips, () => roundTrip(stream));
  const setUp = await samples(rounds, async () => {
    for (let trip = 0; trip < setUpTrips; trip++) await roundTrip(stream);
  });
  return [
    measure(`a round trip, no build, Jenkins answers ${how}`, 'ms added', added),
    measure(`${setUpTrips} round trips of a set-up, Jenkins answers ${how}`, 'ms added', setUp),
  ];
}

async function claimed({ say }: Bench, stream: Duplex, controller: Controller): Promise<Measure[]> {
  say('round trips and bytes once the build is known');
  controller.building = true;
  await roundTrip(stream);
  const straight = new PassThrough({ highWaterMark: 256 * 1024 });
  const perChunk = async (through: Duplex) => (await samples(rounds, () => pump(through))).map((ms) => (ms * 1000) / chunks);
  return [
    measure('a round trip once the build is known', 'ms added', await samples(trips, () => roundTrip(stream))),
    measure('64 KiB once the build is known', 'µs', await perChunk(stream)),
    measure('for comparison: 64 KiB through a stream that does nothing', 'µs', await perChunk(straight)),
  ];
}

async function samples(count: number, work: () => Promise<unknown>): Promise<number[]> {
  const all: number[] = [];
  for (let round = 0; round < count; round++) all.push(await timed(work));
  return all;
}

async function roundTrip(stream: Duplex): Promise<void> {
  const out = once(stream, 'data');
  stream.write('answer');
  await out;
}

async function pump(stream: Duplex): Promise<void> {
  const total = chunks * chunk.length;
  let received = 0;
  const all = new Promise<void>((resolve) => {
    stream.on('data', function count(data: Buffer) {
      received += data.length;
      if (received < total) return;
      stream.off('data', count);
      resolve();
    });
  });
  for (let sent = 0; sent < total; sent += chunk.length) if (!stream.write(chunk)) await once(stream, 'drain');
  await all;
}
