import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { exec, ignoreEvents, parseVmName } from '@katavm/core';
import { defaultUri, adapter as libvirt } from '@katavm/libvirt';
import { describe, expect, test } from 'vitest';
import { identityOfBuild } from './harness/identity-of-build.js';
import { checkout, katavm, startKatavm, testHome } from './harness/katavm.js';
import { collect, until } from './harness/output.js';
import { searchDisk } from './harness/search-disk.js';
import { serveFolder } from './harness/serve-folder.js';
import { runningGuests, traces } from './harness/traces.js';
import { testsOfJava } from './java/java-of-agents.js';
import { testsOfRestoredClones } from './template/restored-clones.js';

// The shipped config, from packages to a deleted clone, step by step. Each test stands on the one before.
const config = 'debian13';
const json = (text: string) => JSON.parse(text) as Record<string, unknown>;
let secrets: { readonly privateKey: string; readonly authorizedKey: string };

describe.sequential('the seven steps on Debian 13', () => {
  test('step 2, asked for twice at once, builds the base from packages, follows cloud-init to its end, and leaves nothing running', async () => {
    const builds = await Promise.all([1, 2].map(() => katavm(['build-base-image', config, '--json'])));
    for (const build of builds) expect(build, build.stderr).toMatchObject({ exitCode: 0 });
    // Two at once do the work once: the second waits, and finds what the first built.
    expect(builds.map(({ stdout }) => json(stdout)['built']).sort()).toEqual([false, true]);
    expect(builds.map(({ stderr }) => stderr).join()).toContain('stage modules-final');
    expect(await runningGuests()).toEqual([]);
    secrets = await identityOfBuild(config);
  });

  test('step 2, run again, finds what it built', async () => {
    const again = await katavm(['build-base-image', config, '--json']);
    expect(json(again.stdout)).toMatchObject({ built: false });
  });

  test('step 3 stops at a check that fails, says what it printed, and can be run again', async () => {
    const site = join(testHome(), 'failing-site.yaml');
    await writeFile(site, `configs: {${config}: {complete: {checks: ['echo no such metric >&2; exit 4']}}}\n`);
    const refused = await katavm(['complete-base-image', config], { env: { KATAVM_SITE: site } });
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain('KATAVM_COMPLETION_CHECK_FAILED');
    expect(refused.stderr).toContain('no such metric');
    expect(await runningGuests()).toEqual([]);
    expect((await katavm(['master', 'show', config])).exitCode).toBe(4);
  });

  test('step 3 completes, seals and freezes a generation, read-only, with its digests', async () => {
    const completed = await katavm(['complete-base-image', config, '--json']);
    expect(completed, completed.stderr).toMatchObject({ exitCode: 0 });
    expect(await runningGuests()).toEqual([]);
    expect(await readdir(join(testHome(), 'masters', config))).toHaveLength(2); // the generation and "current"
    expect((await katavm(['master', 'verify', config])).stdout).toContain('byte for byte');
    expect(json((await katavm(['master', 'build', config, '--json'])).stdout)).toMatchObject({ built: false });
  });

  test('the sealed disk holds neither key of its build, and its file system is clean', async () => {
    const { directory } = json((await katavm(['master', 'show', config, '--json'])).stdout) as { directory: string };
    const found = await searchDisk(join(directory, 'disk.qcow2'), [secrets.privateKey, secrets.authorizedKey]);
    expect(found).toEqual({ occurrences: [0, 0], fileSystem: 'clean' });
  });

  test('two clones at once have a hostname, a machine-id and a baseline name of their own, and run a benchmark', async () => {
    const look = [
      'hostname; cat /etc/machine-id',
      'resolvectl query "$(hostname)" >/dev/null && systemctl show --property Environment --value systemd-resolved.service',
      'ls /etc/checkmetrics; lsinitramfs /boot/initrd.img-* | grep -o virtio_net.ko',
      'systemctl --user is-active basic.target; stat -c %U "$XDG_RUNTIME_DIR"; cut -d : -f 3 /proc/self/cgroup',
      'cat "/sys/fs/cgroup$(cut -d : -f 3 /proc/self/cgroup)/pids.max"; systemctl show -P OOMPolicy ssh',
      'findmnt --noheadings --output FSTYPE /tmp; docker --version; ping -c 1 127.0.0.1; for name in ssh newgrp sudo; do command -v $name; done; ls /usr/sbin/adduser',
      'mount | grep -cE "^(hugetlbfs|mqueue|debugfs|tracefs) on "; systemctl is-active serial-getty@ttyS0; test -e /run/nologin; echo $?',
      'sysbench cpu --time=1 run | grep "events per second"; systemctl --failed --quiet',
    ].join('; ');
    const profiling = katavm(['master', 'profile', config, '--json']); // beside them: its clone is one more
    const runs = [look, look].map((script) => katavm(['run', config, '--timings', '--', 'sh', '-c', script]));
    const [one, two] = await Promise.all(runs);
    const profile = await profiling;
    const [a, b] = [one, two].map((result) => result?.stdout.split('\n') ?? []);
    expect(one, one?.stderr).toMatchObject({ exitCode: 0 });
    expect(two, two?.stderr).toMatchObject({ exitCode: 0 });
    expect(a?.[0]).toMatch(/^debian13-[0-9a-f]{10}$/);
    expect(a?.[0]).not.toBe(b?.[0]);
    expect(a?.[1]).toMatch(/^[0-9a-f]{32}$/);
    expect(a?.[1]).not.toBe(b?.[1]);
    // Names are resolved, and nothing waited for a file of all authorities to be read first.
    expect(a?.[2]).toBe('SSL_CERT_FILE=/dev/null');
    // Loaded before udev starts, which then finds the network's card among the first devices.
    expect(a).toContain('virtio_net.ko');
    // No session of logind's, and all that one would have.
    expect(a?.join()).toContain('active,jenkins,/user.slice/ssh.service,max,continue');
    expect(a?.join()).toContain(`checkmetrics-json-${a?.[0]}.toml`);
    expect(a).toContain('tmpfs');
    expect(a?.join()).toMatch(
      /Docker version .*1 received.*\/usr\/bin\/ssh,\/usr\/bin\/newgrp,\/usr\/bin\/sudo,\/usr\/sbin\/adduser/,
    );
    // Nothing that the boot leaves out is missed.
    expect(a?.join()).toContain('4,active,1,');
    expect(a?.at(-1)).toMatch(/events per second:/);
    const parts = ['overlay', 'define', 'start', 'firmware', 'kernel', 'userspace', 'sshd', 'handshake', 'agent'];
    // Which of them has to wait for its turn to boot, nobody has said.
    const told = one?.stderr.replace(/^turn .*\n/m, '');
    expect(told).toMatch(new RegExp(parts.map((part) => `^${part} +[0-9.]+$`).join('\\n'), 'm'));
    expect(profile, profile.stderr).toMatchObject({ exitCode: 0 });
    const links = (json(profile.stdout)['toSsh'] as { unit: string }[]).map(({ unit }) => unit);
    expect(links[0]).toBe('ssh.service');
    // Which of those that sshd waits for was the last differs from boot to boot; that it waited for some does not.
    expect(links.length).toBeGreaterThan(1);
    // Docker starts at its first use: nothing that is left takes time and can be done without.
    expect(json(profile.stdout)['winnings']).not.toContainEqual(expect.objectContaining({ unit: 'docker.service' }));
    expect(await traces(config)).toEqual([]);
  });

  test('whoever tries the port of a clone does not keep its owner out: not by looking, 20 times', async () => {
    const name = `${config}-looked-at`;
    expect((await katavm(['clone-vm', config, '--name', name])).exitCode).toBe(0);
    const logIn = (input: string) => katavm(['login-clone', config, '--name', name], { input });
    expect(await logIn('systemctl --failed --quiet; ls /dev/disk/by-id\n')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('virtio-katavm-identity'),
    });
    // OpenSSH 9.8 and later count each, and refuse whoever comes from there when 15 seconds of penalties have come together.
    for (let look = 0; look < 20; look++) await readBanner(name);
    expect(await logIn('echo in\n')).toMatchObject({ exitCode: 0, stdout: 'in' });
    expect((await katavm(['delete-clone', config, '--name', name])).exitCode).toBe(0);
  });

  testsOfRestoredClones(config);

  test('step 6 runs a Java agent on this stdin and stdout, and nothing else is on stdout', async () => {
    const site = join(testHome(), 'agent-site.yaml');
    await writeFile(site, `agent: {jar: ${join(checkout, 'e2e/agent-jar/echo.jar')}}\n`);
    const said = 'what the controller says\n';
    const agent = await katavm(['start-clone-agent', config], { env: { KATAVM_SITE: site }, input: said });
    expect(agent, agent.stderr).toMatchObject({ exitCode: 0, stdout: said.trim() });
    expect(agent.stderr).toContain('echo agent, java 21');
    expect(await traces(config)).toEqual([]);
  });

  testsOfJava(config);

  test("a build, beside twenty jobs, stops at cloud-init's first failure, with that module's own lines and a log that stays", async () => {
    const folder = join(testHome(), 'test-configs', 'failing');
    const own = await readFile(join(checkout, 'configs', config, 'katavm.yaml'), 'utf8');
    const base = own.slice(own.indexOf('base:'), own.indexOf('vm:'));
    await writeConfig(
      folder,
      `version: 1\n${base}vm: {disk: 10GiB}\ncloudInit: {userData: user-data}\n`,
      '#cloud-config\nruncmd:\n  - [sh, -c, "echo the flux is low >&2; exit 7"]\n',
    );
    // Twenty clones meanwhile: neither waits for the other, nor spoils it.
    const [failed, ...runs] = await Promise.all([
      katavm(['build-base-image', 'failing']),
      ...Array.from({ length: 20 }, (_, job) => katavm(['run', 'minimal', '--', 'echo', String(job)])),
    ]);
    expect(runs.map(({ exitCode, stdout }) => [exitCode, stdout])).toEqual(runs.map((_, job) => [0, String(job)]));
    expect(failed.exitCode).toBe(1);
    expect(failed.stderr).toContain('KATAVM_CLOUD_INIT_FAILED');
    expect(failed.stderr).toContain('the flux is low');
    const log = /^log: (.+)$/m.exec(failed.stderr)?.[1] ?? '';
    expect(await readFile(log, 'utf8')).toContain('the flux is low');
    expect(await runningGuests()).toEqual([]);
  });

  test('a build that Ctrl-C ends exits with 130, and leaves nothing but its logs', async () => {
    const build = startKatavm(['build-base-image', 'failing']);
    const progress = collect(build.stderr);
    await until(build.stderr, () => progress().includes('boot failing-build-'));
    build.kill('SIGINT');
    expect((await build.ended).exitCode, progress()).toBe(130);
    expect(progress()).toContain('KATAVM_INTERRUPTED');
    expect(await runningGuests()).toEqual([]);
    expect(await traces('failing')).toEqual([]);
    const left = await readdir(join(testHome(), 'masters', 'failing'));
    expect(left.filter((name) => !name.endsWith('.logs'))).toEqual([]);
  });

  test('an image by URL is verified, grown, built and cloned, though a boot loader starts it', async () => {
    const images = join(testHome(), 'images');
    const base = await cachedBase();
    await exec(join(checkout, 'e2e/cloud-image/make-cloud-image'), [base, images]);
    await serveFolder(images, async (url) => {
      const folder = join(testHome(), 'test-configs', 'cloud');
      const wrong = `base: {url: "${url}/cloud.qcow2", sha256: "${'0'.repeat(64)}"}`;
      await writeConfig(folder, `version: 1\n${wrong}\ncloudInit: {userData: user-data}\n`, noUserData);
      expect((await katavm(['master', 'build', 'cloud'])).stderr).toMatch(/error\[KATAVM_BASE_\w*DIGEST/);

      const right = `base: {url: "${url}/cloud.qcow2", checksums: "${url}/SHA256SUMS"}`;
      await writeConfig(
        folder,
        `version: 1\n${right}\ncloudInit: {userData: user-data}\nvm: {disk: 10GiB}\nguest: {tmp: disk}\n`,
        noUserData,
      );
      const built = await katavm(['master', 'build', 'cloud', '--json']);
      expect(built, built.stderr).toMatchObject({ exitCode: 0 });
    });
    const look =
      'hostname; cat /etc/machine-id; df --output=size -BG / | tail -1; findmnt --noheadings --output TARGET --target /tmp';
    const run = await katavm(['run', 'cloud', '--', 'sh', '-c', look]);
    expect(run, run.stderr).toMatchObject({ exitCode: 0 });
    const [hostname, machineId, size, tmp] = run.stdout.split('\n');
    expect(hostname).toMatch(/^cloud-[0-9a-f]{10}$/);
    expect(machineId).toMatch(/^[0-9a-f]{32}$/);
    expect(Number.parseInt(size ?? '', 10)).toBeGreaterThanOrEqual(9);
    // The config says that /tmp is on the disk, where Debian 13 would have it in memory.
    expect(tmp).toBe('/');
    expect(await traces('cloud')).toEqual([]);
  });
});

/** On a connection that is hung up then. */
async function readBanner(clone: string): Promise<void> {
  const hypervisor = await libvirt.connect({ uri: defaultUri(), emit: ignoreEvents });
  try {
    const socket = connect({ host: '127.0.0.1', port: await hypervisor.forwardPort(parseVmName(clone), 22) });
    const [banner] = await once(socket, 'data');
    expect(String(banner)).toMatch(/^SSH-2\.0-/);
    socket.destroy();
  } finally {
    await hypervisor.close();
  }
}

/** Nothing of the config's own: what katavm needs is composed all the same. */
const noUserData = '#cloud-config\npackage_update: false\n';

/** The disk of the base that step 2 made from packages. */
async function cachedBase(): Promise<string> {
  const bases = join(testHome(), 'bases');
  const digest = (await readdir(bases)).find((name) => /^[0-9a-f]{64}$/.test(name));
  return join(bases, digest ?? '', 'disk.qcow2');
}

async function writeConfig(folder: string, katavmYaml: string, userData: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'katavm.yaml'), katavmYaml);
  await writeFile(join(folder, 'user-data'), userData);
}
