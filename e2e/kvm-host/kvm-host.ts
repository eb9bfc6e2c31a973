import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exec, waitFor } from '@katavm/core';
import { expect } from 'vitest';
import { bin, checkout, environment, type KatavmRun, katavm, testHome } from '../harness/katavm.js';
import { installPackages } from './installed-packages.js';

const name = 'kvm-host';
const config = 'debian13';

/**
 * A whole machine in which KVM works, wherever the tests run: QEMU emulates AMD's SVM with nested paging, and Debian's kernel has
 * kvm_amd. It is a kept clone of the Debian 13 master, with a systemd, an AppArmor and a reboot of its own.
 */
export interface KvmHost {
  /** Runs lines of bash as root, stops at the first that fails, and expects exit code 0. @returns stdout */
  root(script: string): Promise<string>;
  /** The same, for a failure that is the test. */
  tryAsRoot(script: string): Promise<KatavmRun>;
  /** Runs lines of bash in a login session of this user. @returns stdout */
  user(name: string, script: string): Promise<string>;
  /** Restarts the machine, and comes when it is up again. */
  reboot(): Promise<void>;
  delete(): Promise<void>;
}

export async function makeKvmHost(): Promise<KvmHost> {
  const folder = await mkdtemp(join(tmpdir(), 'katavm-kvm-host-'));
  const site = join(folder, 'site.yaml');
  // Two guests of 2 GiB, a memory image of 1 GiB, and the machine itself.
  await writeFile(site, JSON.stringify({ configs: { [config]: { vm: { memory: '6GiB' } } } }));
  const env = { KATAVM_SITE: site };
  await succeeds(katavm(['master', 'build', config], { env }));
  await succeeds(katavm(['clone', 'create', config, '--name', name], { env }));
  const host = kvmHost(env, folder);
  await host.root('cloud-init status --wait >/dev/null || true; mkdir -p /opt/katavm /var/lib/katavm/masters');
  await putFiles(env, folder);
  return host;
}

function kvmHost(env: Readonly<Record<string, string>>, folder: string): KvmHost {
  const tryAsRoot = (script: string) => login(env, `exec sudo -i bash -e -o pipefail\n${asOne(script)}`);
  const root = async (script: string) => (await succeeds(tryAsRoot(script))).stdout;
  return {
    root,
    tryAsRoot,
    user: (user, script) =>
      root(`su --login ${user} --command 'exec bash -e -o pipefail' <<'THE SCRIPT'\n${asOne(script)}\nTHE SCRIPT`),
    reboot: async () => {
      const before = await root('cat /proc/sys/kernel/random/boot_id');
      await tryAsRoot('systemctl reboot');
      await waitFor({
        name: 'the host to have started again',
        probe: async () => {
          const { stdout } = await tryAsRoot(
            'systemctl is-system-running --wait >&2 || true; cat /proc/sys/kernel/random/boot_id',
          );
          return (stdout !== '' && stdout !== before) || undefined;
        },
        timeoutMilliseconds: 600_000,
        hint: 'see its console',
      });
    },
    delete: async () => {
      await succeeds(katavm(['clone', 'delete', name], { env }));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** bash reads all of it before it runs any of it: no command takes the rest of the script for its input. */
function asOne(script: string): string {
  return `{\n${script}\n} </dev/null`;
}

function login(env: Readonly<Record<string, string>>, input: string): Promise<KatavmRun> {
  return katavm(['clone', 'login', name], { env, input });
}

async function succeeds(running: Promise<KatavmRun>): Promise<KatavmRun> {
  const run = await running;
  expect(run.exitCode, `${run.stdout}\n${run.stderr}`).toBe(0);
  return run;
}

/** What a maintainer would bring: the packages, a Node, the tools and configs, and here the masters, which need not be built twice. */
async function putFiles(env: Readonly<Record<string, string>>, folder: string): Promise<void> {
  const packages = join(folder, 'packages');
  await exec('mkdir', [packages]);
  await installPackages(packages);
  await put(env, ['-C', packages, 'node_modules'], '/opt/katavm');
  await put(env, ['-C', checkout, 'tools', 'configs', 'systemd', 'e2e/agent-jar'], '/opt/katavm');
  await put(env, ['-C', join(process.execPath, '..'), 'node'], '/usr/local/bin');
  await put(env, ['-C', join(testHome(), 'masters'), config, 'minimal'], '/var/lib/katavm/masters');
  await put(env, ['-C', join(testHome(), 'test-configs'), 'minimal'], '/opt/katavm/configs');
}

/** A tar through the clone's own channel. The disk's holes are no bytes on the way. */
async function put(env: Readonly<Record<string, string>>, what: readonly string[], target: string): Promise<void> {
  const script =
    'in=$1; shift; { printf "exec sudo tar --extract --no-same-owner --directory=%s\\n" "$in"; tar --create --sparse "$@"; }';
  const command = `${script} | "$NODE" "$KATAVM" clone login ${name}`;
  await exec('bash', ['-e', '-o', 'pipefail', '-c', command, 'bash', target, ...what], {
    env: { ...environment(testHome()), ...env, NODE: process.execPath, KATAVM: bin },
  });
}
