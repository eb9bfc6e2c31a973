import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { exec, type RunningProcess, start, waitFor } from '@katavm/core';
import { checkout } from '../harness/katavm.js';
import { collect } from '../harness/output.js';
import { layMinimalGuest } from '../setup/minimal-master.js';
import { type MadeHost, sharedBases } from './made-host.js';

/** How a script on the host ended. */
export interface Said {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A machine of its own with a systemd: its processes, mounts and control groups are nobody else's, its network is this host's. */
export interface Host {
  /** Runs lines of shell as this user, in a login session of theirs. Default root. */
  sh(script: string, user?: string): Promise<Said>;
  /** Starts lines of shell, for what has to be running when something happens. */
  start(script: string, user?: string): RunningProcess;
  /** Comes when the host is off. */
  off(): Promise<void>;
  /** Takes its power away. */
  cut(): Promise<void>;
  /** Switches it on; comes when systemd has started everything. */
  boot(): Promise<void>;
  /** Ends it with all that runs there, and removes what it has written. */
  close(): Promise<void>;
}

const run = join(import.meta.dirname, 'run-host');
const namespaces = ['--mount', '--pid', '--uts', '--ipc', '--cgroup'];
const everyExitCode = Array.from({ length: 256 }, (_, code) => code);

/** A host from a root directory that is made already; it is off. The minimal guest's master and config are in its /mnt/katavm. */
export async function openHost({ root, minimalGuest }: MadeHost): Promise<Host> {
  const folder = await mkdtemp('/var/tmp/katavm-host-');
  await chmod(folder, 0o711);
  const home = join(folder, 'katavm');
  await mkdir(home);
  await layMinimalGuest(home, minimalGuest);
  // For every user there to copy.
  await exec('chmod', ['--recursive', 'a+rX', home]);
  const shares = {
    [checkout]: '/opt/katavm',
    [process.execPath]: '/usr/local/bin/node',
    [home]: '/mnt/katavm',
    [await sharedBases()]: '/var/lib/katavm/bases',
  };
  const words = [root, folder, ...Object.entries(shares).map(([from, to]) => `${from}=${to}`)];
  let init: RunningProcess | undefined;
  let pid = '';
  const within = (script: string, user: string) => [
    ...['--target', pid, ...namespaces, '--'],
    // A login has nothing of the environment here.
    ...['su', '--login', user, '--command', script],
  ];
  const off = async () => {
    await init?.ended;
    init = undefined;
  };
  const cut = async () => {
    // The first process of the namespace takes all others with it.
    if (init) process.kill(Number(pid), 'SIGKILL');
    await off();
  };
  return {
    sh: (script, user = 'root') => exec('nsenter', within(script, user), { acceptExitCodes: everyExitCode }),
    start: (script, user = 'root') => start('nsenter', within(script, user)),
    off,
    cut,
    async boot() {
      init = start(run, words, { diesWithUs: true });
      const errors = collect(init.stderr);
      const died = init.ended.then(({ failure }) => Promise.reject(new Error(`the host is off: ${failure}\n${errors()}`)));
      died.catch(() => {});
      pid = String(await Promise.race([once(init.stdout, 'data').then(String), died])).trim();
      await Promise.race([up(pid), died]);
    },
    async close() {
      await cut();
      await rm(folder, { recursive: true, force: true });
      await exec(run, ['--remove', folder]);
    },
  };
}

async function up(pid: string): Promise<void> {
  const look = ['--target', pid, ...namespaces, '--', 'systemctl', 'is-system-running', '--wait'];
  await waitFor({
    name: 'systemd to have started the host',
    probe: async () => {
      const { stdout } = await exec('nsenter', look, { acceptExitCodes: [0, 1] });
      // Before it listens, it says "offline" or nothing.
      return ['running', 'degraded'].includes(stdout.trim()) || undefined;
    },
    timeoutMilliseconds: 120_000,
    everyMilliseconds: 100,
    hint: '',
  });
}
