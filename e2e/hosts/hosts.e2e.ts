import { type RunningProcess, waitFor } from '@katavm/core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { collect, until } from '../harness/output.js';
import { type Host, openHost } from './host.js';
import { madeHost, whyNoHost } from './made-host.js';

const words = (text: string) => text.split(/\s+/).filter((word) => word !== '');

/** KATAVM_E2E_HOST=forky, by hand: another release of Debian as the host. */
const release = process.env['KATAVM_E2E_HOST'] ?? 'trixie';
const config = 'debian13';
/** A base from packages and an emulated guest's first boot: 4 minutes on an idle host, five times that where six others boot guests. */
const firstBuildMilliseconds = 1_800_000;
const reason = await whyNoHost();

interface StartedJob {
  readonly job: RunningProcess;
  readonly out: () => string;
  readonly log: () => string;
}

describe.skipIf(reason).sequential(`a Debian host (${release}) with systemd${reason ? `: skipped, since ${reason}` : ''}`, () => {
  let host: Host;

  beforeAll(async () => {
    host = await openHost(await madeHost(release));
    await host.boot();
    await done(`
      ln -s /opt/katavm/tools/katavm /usr/local/bin/katavm
      mkdir -p /etc/katavm /var/lib/katavm/masters
      cp -r /mnt/katavm/test-configs /etc/katavm/configs
      cp -a /mnt/katavm/masters/minimal /var/lib/katavm/masters
      echo 'configs: { ${config}: { start: template }, minimal: { start: pooled } }' >/etc/katavm/site.yaml
      katavm create-keys
    `);
  });
  afterAll(() => host?.close());

  /** What a script that must not fail printed. */
  async function done(script: string, user?: string): Promise<string> {
    const said = await host.sh(`set -e\n${script}`, user);
    expect(said.exitCode, `${said.stdout}\n${said.stderr}`).toBe(0);
    return said.stdout;
  }

  /** A job that runs until its input ends; returns when its command does. */
  async function startJob(user?: string): Promise<StartedJob> {
    const job = host.start('katavm run minimal -- sh -c "echo up; cat"', user);
    const [out, log] = [collect(job.stdout), collect(job.stderr)];
    onTestFinished(() => job.kill('SIGKILL'));
    const died = job.ended.then(({ failure }) => expect.fail(`the job ended: ${failure}\n${log()}`));
    await Promise.race([until(job.stdout, () => out() === 'up\n'), died]);
    died.catch(() => {}); // from here on it may
    return { job, out, log };
  }

  /** How a run of `true` started, once the pool is full again where there is one. */
  async function startOfRun(): Promise<string> {
    const { stderr, exitCode } = await host.sh('katavm run minimal --json -- true');
    expect(exitCode, stderr).toBe(0);
    return (JSON.parse(stderr.trim().split('\n').at(-1) ?? '') as { start: string }).start;
  }

  /** Of what root's jobs had: what there is belongs to clones that wait in the pool. */
  async function expectNothingLeft(): Promise<void> {
    await done('systemctl start katavm-gc; katavm pool fill');
    const { clones } = JSON.parse(await done('katavm clone list --json')) as { clones: { name: string; purpose: string }[] };
    expect(clones).toEqual([expect.objectContaining({ purpose: 'pooled' })]);
    const [{ name } = { name: '' }] = clones;
    const look = 'ls -A /var/lib/katavm/clones; virsh -c qemu:///system list --all --name; pgrep --count qemu-system';
    expect(words(await done(look))).toEqual([name, name, '1']);
  }

  test('the units as shipped keep a pool, whose clone a job of root gets, and collect', async () => {
    await done(`
      cp /opt/katavm/systemd/katavm-* /etc/systemd/system
      systemctl enable --now katavm-pool katavm-gc.timer
      katavm pool fill
    `);
    expect(await startOfRun()).toBe('pooled');
    await expectNothingLeft();
  });

  test('an ordinary user runs on the session’s libvirt, and the end of the session in mid-run leaves nothing', async () => {
    await done(
      `
      mkdir -p ~/.local/share/katavm/masters
      cp -a /mnt/katavm/masters/minimal ~/.local/share/katavm/masters
      katavm create-keys
    `,
      'ci',
    );
    const { job } = await startJob('ci');
    expect(words(await done('pgrep --count --euid ci qemu-system'))).toEqual(['1']);
    await done('loginctl terminate-user ci');
    await job.ended;
    await done('katavm gc', 'ci');
    const look =
      'ls -A ~/.local/share/katavm/clones; virsh -c qemu:///session list --all --name; pgrep --euid ci qemu-system || true';
    expect(words(await done(look, 'ci'))).toEqual([]);
  });

  test('a member of the groups libvirt and kvm runs on the system’s libvirt', async () => {
    await done('usermod --append --groups libvirt,kvm ci; install -d -o ci -m 711 /srv/katavm');
    const member = 'export LIBVIRT_DEFAULT_URI=qemu:///system KATAVM_HOME=/srv/katavm';
    await done(
      `${member}; mkdir $KATAVM_HOME/masters; cp -a /mnt/katavm/masters/minimal $KATAVM_HOME/masters; katavm create-keys`,
      'ci',
    );
    expect(words(await done(`${member}; katavm run minimal -- id -un`, 'ci'))).toEqual(['jenkins']);
    expect(words(await done('ls -A /srv/katavm/clones; pgrep --euid libvirt-qemu --count qemu-system'))).toEqual(['1']); // the pool's
  });

  test('a restart of libvirt’s daemon in mid-run is told to a job whose guest it ended; a job whose guest it left goes on', async () => {
    const { job, out, log } = await startJob();
    await done('systemctl restart libvirtd');
    // Which of the two is libvirt's race: it ends the guests of its clients, or itself before that.
    job.stdin.end('still here\n');
    const { exitCode } = await job.ended;
    const told = exitCode === 0 ? out() : /error\[(\w+)\]/.exec(log())?.[1];
    expect([exitCode, told], log()).toEqual(exitCode === 0 ? [0, 'up\nstill here\n'] : [125, 'KATAVM_LIBVIRT_RESTARTED']);
    // The boot that the restart broke off is told as a failure, and made good by the next one.
    await waitFor({
      name: 'the pool to be full again',
      probe: async () => (await host.sh('katavm pool fill')).exitCode === 0 || undefined,
      timeoutMilliseconds: 120_000,
      everyMilliseconds: 1000,
      hint: 'journalctl -u katavm-pool',
    });
    await expectNothingLeft();
  });

  test.each([
    ['a reboot', () => host.sh('systemctl reboot')],
    ['a power-off', () => host.sh('systemctl poweroff')],
    ['a power cut', () => host.cut()],
  ])('after %s in mid-run nothing of the job is left, and the pool is there again', async (_, end) => {
    await startJob();
    await end();
    await host.off();
    await host.boot();
    await expectNothingLeft();
    expect(await startOfRun()).toBe('pooled');
  });

  test(
    'quickstart does the main job once, as root',
    async () => {
      expect(await done(`/opt/katavm/tools/quickstart ${config}`)).toContain('events per second');
    },
    firstBuildMilliseconds,
  );

  test('a clone goes on from a template', async () => {
    await done(`katavm master template ${config}`);
    const { stderr, stdout } = await host.sh(`katavm run ${config} --json -- cat /etc/os-release`);
    expect(stdout).toContain('VERSION_CODENAME=trixie');
    expect(JSON.parse(stderr.trim().split('\n').at(-1) ?? ''), stderr).toMatchObject({ start: 'template', exitCode: 0 });
  });
});
