// What a hook adds to an agent: throughput and round trips against OpenSSH's client, its start, its memory.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ignoreEvents, parseVmName, UndoStack } from '@katavm/core';
import { defaultUri, adapter as libvirt } from '@katavm/libvirt';
import { measuresOf, type Samples, sample } from './agent/compare.js';
import { opensshArguments, type Server, startSshd } from './agent/local-sshd.js';
import { collectGarbage, makeMinimalHome } from './agent/minimal-home.js';
import { farEnd, Session } from './agent/session.js';
import { timeToFirstVirsh } from './agent/start-time.js';
import { atMost, type Measure, measure } from './measure.js';
import { type Bench, runBench } from './run-bench.js';

const hook = join(import.meta.dirname, '../../packages/jenkins-hooks/bin/katavm-jenkins-start');
const pipeProgram = join(import.meta.dirname, 'pipe-program.js');
const starts = 11;
/**
 * Of two sessions of OpenSSH's own client in one emulated guest, the one was up to 7 % quicker than the other for as long as they
 * lasted, and up to 5 % without random addresses (norandmaps). So several guests, and ssh against ssh beside it.
 */
const guests = 21;
/** In short turns, many of them: of 5 rounds of 300 trips the median ratio of equals was 0.7 to 1.5. */
const inGuest = { bytes: 2e6, rounds: { bytes: 15, trips: 5 } };
/** A local server moves hundreds of MB in a second. */
const locally = { bytes: 128e6, rounds: { bytes: 21, trips: 201 } };

await runBench(async (bench) => {
  const undo = undoTelling(bench);
  try {
    const sshd = await startSshd(undo);
    bench.say('making a home with the minimal guest');
    const env = await makeMinimalHome(process.env['KATAVM_BENCH_DIR'] ?? '/var/tmp', undo, bench.signal);
    undo.push('clones', () => collectGarbage(env));
    bench.say(`starting the hook ${starts} times`);
    const start = measure('hook: exec to first virsh', 'ms', await timeToFirstVirsh(hook, env, starts), atMost(150));
    return [start, ...(await compareInGuests(bench, env)), ...(await compareLocally(bench, sshd, undo))];
  } finally {
    await undo.unwind();
  }
});

function undoTelling(bench: Bench): UndoStack {
  return new UndoStack((event) => event.type === 'notice' && bench.say(event.message));
}

async function compareInGuests(bench: Bench, env: Record<string, string>): Promise<Measure[]> {
  const taken: GuestSamples[] = [];
  for (let guest = 1; guest <= guests; guest++) {
    bench.signal.throwIfAborted();
    bench.say(`guest ${guest} of ${guests}`);
    const undo = undoTelling(bench);
    try {
      taken.push(await sampleGuest(env, undo));
    } finally {
      await undo.unwind();
    }
  }
  const memory = (what: string, of: keyof GuestSamples['mebibytes']) =>
    measure(
      `hook: resident memory, ${what}`,
      'MiB',
      taken.map(({ mebibytes }) => mebibytes[of]),
      atMost(80),
    );
  return [
    ...measuresOf(
      'guest',
      taken.map(({ rounds }) => rounds),
    ),
    memory('agent idle', 'atRest'),
    memory('after the traffic', 'loaded'),
  ];
}

interface GuestSamples {
  readonly rounds: Samples;
  readonly mebibytes: { readonly atRest: number; readonly loaded: number };
}

/** One guest of a hook, and in it the hook's session beside two of OpenSSH's client. */
async function sampleGuest(env: Record<string, string>, undo: UndoStack): Promise<GuestSamples> {
  const hooks = new Session(hook, ['minimal', farEnd], env);
  undo.push('hook', () => hooks.end());
  await hooks.ready();
  const server = await guestOf(hooks, env);
  const atRest = await residentMebibytes(hooks.pid);
  const [ssh, control] = [await openssh(server, undo), await openssh(server, undo)];
  const rounds = await sample({ hook: hooks, ssh, control }, inGuest);
  return { rounds, mebibytes: { atRest, loaded: await residentMebibytes(hooks.pid) } };
}

async function compareLocally(bench: Bench, server: Server, undo: UndoStack): Promise<Measure[]> {
  bench.say('a local sshd');
  const { host, port, user, privateKey, hostKey } = server;
  const ours = new Session(process.execPath, [pipeProgram, host, String(port), user, privateKey, hostKey, farEnd]);
  undo.push('our client', () => ours.end());
  await ours.ready();
  const [ssh, control] = [await openssh(server, undo), await openssh(server, undo)];
  return measuresOf('local sshd', [await sample({ hook: ours, ssh, control }, locally)]);
}

async function openssh(server: Server, undo: UndoStack): Promise<Session> {
  const session = new Session('ssh', await opensshArguments(server, farEnd, undo));
  undo.push('ssh', () => session.end());
  await session.ready();
  return session;
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
