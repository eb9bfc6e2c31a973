import { chmod, cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exec } from '@katavm/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkout } from './harness/katavm.js';

/** What apt says of two new packages (apt 2.6 and 3.0): they bring systemd up to date, unless one of them is as old as the host's. */
const simulation = `
echo 'Inst libvirt-daemon-system (9.0.0-4+deb12u2 Debian:12.15/oldstable [amd64])'
case "$*" in *systemd-container=252.38-1~deb12u1*) echo 'Inst systemd-container (252.38-1~deb12u1 Debian-Security:12 [amd64])' ;;
*) echo 'Inst systemd [252.38-1~deb12u1] (252.39-1~deb12u2 Debian:12.15/oldstable [amd64]) []'
   echo 'Inst systemd-container (252.39-1~deb12u2 Debian:12.15/oldstable [amd64])' ;; esac`;

// A host that lacks everything, as far as its package manager says. It would complain loudly if it were told to install something.
const tools = {
  'dpkg-query': 'exit 1',
  'apt-get': `case " $* " in *' -s '*) ${simulation}; exit ;; esac; echo "installing: $*" >&2; exit 99`,
  // As many lines as a package has that every mirror offers.
  'apt-cache': String.raw`case $1 in show) test -e "$(dirname "$0")/archive-has-$2"; exit ;; esac
printf '%s:\n  Installed: (none)\n  Candidate: 1.0\n' "$2"; seq 100000`,
  sudo: 'echo "by sudo: $*" >&2',
};

const asNobody = process.getuid?.() === 0 ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : ['env'];
const exitCodes = Array.from({ length: 256 }, (_, code) => code);

describe('on a host that lacks what katavm needs', () => {
  let folder: string;
  const env = () => ({ PATH: `${folder}:${process.env['PATH']}`, HOME: folder });

  beforeAll(async () => {
    folder = await mkdtemp('/var/tmp/katavm-setup-host-');
    await chmod(folder, 0o755);
    // Root alone may be able to reach the checkout.
    await cp(join(checkout, 'tools'), join(folder, 'tools'), { recursive: true });
    for (const [name, script] of Object.entries(tools)) {
      await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    }
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  function asUser(...words: string[]) {
    const [command = '', ...args] = [...asNobody, ...words];
    return exec(command, args, { env: env(), acceptExitCodes: exitCodes });
  }

  /** The same at a terminal, with what the user types. */
  async function atTerminal(typed: string, tool: string): Promise<string> {
    const words = ['--quiet', '--return', '--command', join(folder, 'tools', tool), '/dev/null'];
    const [command = '', ...args] = [...asNobody, 'script', ...words];
    const { stdout, exitCode } = await exec(command, args, { env: env(), input: typed, acceptExitCodes: exitCodes });
    return `${stdout}\nended with ${exitCode}`;
  }

  test.each(['setup-host', 'quickstart'])(
    'an ordinary user who cannot be asked is told by %s the exact command; it installs nothing and exits with 3',
    async (tool) => {
      const { stdout, stderr, exitCode } = await asUser(join(folder, 'tools', tool));
      expect({ exitCode, stdout }, stderr).toEqual({ exitCode: 3, stdout: '' });
      expect(stderr).toMatch(/^ {2}sudo apt-get update && sudo apt-get install -y --no-install-recommends .*qemu-system-x86/m);
      for (const name of ['libvirt-daemon-system', 'libvirt-clients', 'mmdebstrap', 'xorriso', 'openssh-client']) {
        expect(stderr).toMatch(new RegExp(`apt-get install.* ${name}( |$)`, 'm'));
      }
      expect(stderr).not.toMatch(/installing:|by sudo:/);
    },
  );

  test('an ordinary user is asked once at a terminal, after being told what is missing, and it is done by sudo', async () => {
    const said = await atTerminal('y\n', 'setup-host');
    expect(said).toMatch(/^setup-host: {3}guests: qemu-system-x86 qemu-utils\r?$/m);
    expect(said).toMatch(
      /missing:[\s\S]*packages;[\s\S]*do this now, by sudo\? \[Y\/n\][\s\S]*by sudo: -- .*setup-host --agreed/,
    );
    expect(said).toContain('ended with 0');
  });

  test('an ordinary user who says no at the terminal is told the command, and nothing is done', async () => {
    const said = await atTerminal('n\n', 'setup-host');
    expect(said).toMatch(/^ {2}sudo apt-get update && sudo apt-get install/m);
    expect(said).not.toContain('by sudo:');
    expect(said).toContain('ended with 3');
  });

  test('an ordinary user who says --yes is not asked, with a terminal or without one', async () => {
    const { stderr, exitCode } = await asUser(join(folder, 'tools/setup-host'), '--test', '--yes');
    expect(stderr).toMatch(/^by sudo: -- .*setup-host --agreed --test$/m);
    expect(stderr).not.toContain('[Y/n]');
    expect(exitCode).toBe(0);
  });

  const dryRun = () => exec(join(folder, 'tools/setup-host'), ['--dry-run'], { env: env() });

  test('setup-host installs what only some releases have, where this one has it', async () => {
    const { stderr } = await dryRun();
    expect(stderr).toMatch(/apt-get install .* debian-archive-keyring( |$)/m);
    expect(stderr).not.toContain('installing:');
  });

  test('setup-host says before which installed packages the new ones need at newer versions', async () => {
    const { stderr } = await dryRun();
    expect(stderr).toMatch(/with what they need: 2 packages; they need these at newer versions: systemd$/m);
  });

  test('setup-host upgrades nothing where the archive still has the new package at the version of its installed siblings', async () => {
    const kept = join(folder, 'archive-has-systemd-container=252.38-1~deb12u1');
    await writeFile(kept, '');
    const { stderr } = await dryRun();
    await rm(kept);
    expect(stderr).toMatch(/with what they need: 2 packages; none that is installed is upgraded$/m);
    expect(stderr).toMatch(/apt-get install .*systemd-container=252\.38-1~deb12u1/);
    expect(stderr).toContain('APT::Get::Upgrade-By-Source-Package=false');
  });
});

describe('on a host that lacks nothing', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp('/var/tmp/katavm-setup-host-');
    await chmod(folder, 0o755);
    await cp(join(checkout, 'tools'), join(folder, 'tools'), { recursive: true });
    await writeFile(join(folder, 'dpkg-query'), '#!/bin/sh\nshift 3; for name; do echo "installed $name"; done\n', {
      mode: 0o755,
    });
    for (const name of ['apt-get', 'apt-cache', 'sudo']) {
      await writeFile(join(folder, name), '#!/bin/sh\necho "called: $0" >&2; exit 99\n', { mode: 0o755 });
    }
    await mkdir(join(folder, 'closed'));
    await chmod(join(folder, 'closed'), 0o700);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function onSystem(home: string): Promise<string> {
    const env = { PATH: `${folder}:${process.env['PATH']}`, LIBVIRT_DEFAULT_URI: 'qemu:///system', KATAVM_HOME: home };
    const [command = '', ...args] = [...asNobody, join(folder, 'tools/setup-host')];
    const { stderr } = await exec(command, args, { env });
    expect(stderr).not.toContain('called:');
    return stderr;
  }

  test('a user of the system’s libvirt is told which folder keeps QEMU out of the home, and a home that works', async () => {
    const closed = join(folder, 'closed');
    const said = await onSystem(join(closed, 'home'));
    expect(said).toContain(`QEMU's user cannot pass through ${closed} (drwx------), so no guest starts from ${closed}/home:`);
    expect(said).toContain('export KATAVM_HOME=/var/lib/katavm-');
    expect(await onSystem(join(folder, 'home'))).not.toContain('cannot pass through');
  });
});
