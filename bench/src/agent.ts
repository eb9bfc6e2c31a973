// What a hook adds to an agent: throughput and round trips against OpenSSH's client, its start, its memory.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ignoreEvents, parseVmName, UndoStack } from '@katavm/core';
import { defaultUri, adapter as libvirt } from '@katavm/libvirt';
import { opensshArguments, type Server, startSshd } from './agent/local-sshd.js';
import { collectGarbage, makeMinimalHome } from './agent/minimal-home.js';
import { farEnd, Session } from './agent/session.js';
import { timeToFirstVirsh } from './agent/start-time.js';
import { atLeast, atMost, type Measure, measure, median } from './measure.js';
import { type Bench, runBench } from './run-bench.js';

const hook = join(import.meta.dirname, '../../packages/jenkins-hooks/bin/katavm-jenkins-start');
const pipeProgram = join(import.meta.dirname, 'pipe-program.js');
const starts = 11;
/** In short turns, many of them: of 5 rounds of 300 trips the median ratio of equals was 0.7 to 1.5. */
const rounds = { bytes: 21, trips: 41 };
const trips = 100;
/** A second each: an emulated guest moves 7 to 9 MB/s, a local server hundreds. */
const guestBytes = 8e6;
const localBytes = 128e6;

await runBench(async (bench) => {
  const undo = new UndoStack((event) => event.type === 'notice' && bench.say(event.message));
  try {
    const sshd = await startSshd(undo);
    bench.say('making a home with the minimal guest');
    const env = await makeMinimalHome(process.env['KATAVM_BENCH_DIR'] ?? '/var/tmp', undo, bench.signal);
    undo.push('clones', () => collectGarbage(env));
    bench.say(`starting the hook ${starts} times`);
    const start = measure('hook: exec to first virsh', 'ms', await timeToFirstVirsh(hook, env, starts), atMost(150));
    return [start, ...(await compareInGuest(bench, env, undo)), ...(await compareLocally(bench, sshd, undo))];
  } finally {
    await undo.unwind();
  }
});

async function compareInGuest(bench: Bench, env: Record<string, string>, undo: UndoStack): Promise<Measure[]> {
  bench.say('starting the agent in a guest');
  const ours = new Session(hook, ['minimal', farEnd], env);
  undo.push('hook', () => ours.end());
  await ours.ready();
  const server = await guestOf(ours, env);
  const atRest = await residentMebibytes(ours.pid);
  const theirs = new Session('ssh', await opensshArguments(server, farEnd, undo));
  undo.push('ssh', () => theirs.end());
  await theirs.ready();
  const measures = await compare(bench, 'guest', ours, theirs, guestBytes);
  const loaded = await residentMebibytes(ours.pid);
  return [
    ...measures,
    measure('hook: resident memory, agent idle', 'MiB', [atRest], atMost(80)),
    measure('hook: resident memory, after the traffic', 'MiB', [loaded], atMost(80)),
  ];
}

async function compareLocally(bench: Bench, server: Server, undo: UndoStack): Promise<Measure[]> {
  const { host, port, user, privateKey, hostKey } = server;
  const ours = new Session(process.execPath, [pipeProgram, host, String(port), user, privateKey, hostKey, farEnd]);
  undo.push('our client', () => ours.end());
  const theirs = new Session('ssh', await opensshArguments(server, farEnd, undo));
  undo.push('ssh', () => theirs.end());
  await Promise.all([ours.ready(), theirs.ready()]);
  return compare(bench, 'local sshd', ours, theirs, localBytes);
}

/** In turns: what else the host does meets both alike. */
async function compare(bench: Bench, where: string, ours: Session, theirs: Session, bytes: number): Promise<Measure[]> {
  const kinds = [
    { name: 'to the far end', unit: 'MB/s', take: async (session: Session) => session.upload(bytes) },
    { name: 'from the far end', unit: 'MB/s', take: async (session: Session) => session.download(bytes) },
    { name: 'round trip', unit: 'ms', take: async (session: Session) => median(await session.roundTrips(trips)) },
  ];
  const measures: Measure[] = [];
  for (const { name, unit, take } of kinds) {
    bench.say(`${where}: ${name}`);
    const samples = { ours: [] as number[], theirs: [] as number[] };
    for (let round = 0; round < (unit === 'ms' ? rounds.trips : rounds.bytes); round++) {
      // By turns the first: whoever follows a pause may be quicker, or slower.
      if (round % 2 === 0) samples.ours.push(await take(ours));
      samples.theirs.push(await take(theirs));
      if (round % 2 === 1) samples.ours.push(await take(ours));
    }
    const ratios = samples.ours.map((value, round) => value / (samples.theirs[round] ?? value));
    measures.push(
      measure(`${where}: ${name}, hook`, unit, samples.ours),
      measure(`${where}: ${name}, ssh`, unit, samples.theirs),
    );
    measures.push(measure(`${where}: ${name}, hook / ssh`, 'times', ratios, unit === 'ms' ? atMost(1.1) : atLeast(1)));
  }
  return measures;
}

/** The guest of a hook, for another client: its clone's name is in the hook's log, and what opens it in the clone's record. */
async function guestOf(session: Session, env: Readonly<Record<string, string>>): Promise<Server> {
  const name = parseVmName(/the agent runs in (\S+)/.exec(session.log)?.[1] ?? '');
  const record = JSON.parse(await readFile(join(env['KATAVM_HOME'] ?? '', 'clones', name, 'clone.json'), 'utf8')) as {
    readonly user: string;
    readonly keyPath: string;
    readonly hostKey: string;
  };
  const hypervisor = await libvirt.connect({ uri: defaultUri(), emit: ignoreEvents });
  // The open connection would keep this process from its end, also where the port is not to be had.
  const port = await hypervisor.forwardPort(name, 22).finally(() => hypervisor.close());
  return { host: '127.0.0.1', port, user: record.user, privateKey: record.keyPath, hostKey: record.hostKey };
}

async function residentMebibytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
}
