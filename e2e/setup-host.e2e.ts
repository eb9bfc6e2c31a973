import { chmod, cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exec } from '@katavm/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkout } from './harness/katavm.js';

// A host that lacks everything, as far as its package manager says. It would complain loudly if it were told to install something.
const tools = {
  'dpkg-query': 'exit 1',
  'apt-get': 'echo "installing: $*" >&2; exit 99',
  // As many lines as a package has that every mirror offers.
  'apt-cache': String.raw`printf '%s:\n  Installed: (none)\n  Candidate: 1.0\n' "$2"; seq 100000`,
};

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

  test.each(['setup-host', 'quickstart'])(
    'without root %s prints the exact command, installs nothing and exits with 3',
    async (tool) => {
      const words = process.getuid?.() === 0 ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : ['env'];
      const [command = '', ...args] = [...words, join(folder, 'tools', tool)];
      const { stdout, stderr, exitCode } = await exec(command, args, { env: env(), acceptExitCodes: [0, 1, 2, 3, 126, 127] });
      expect({ exitCode, stdout }, stderr).toEqual({ exitCode: 3, stdout: '' });
      expect(stderr).toMatch(/^ {2}sudo apt-get update && sudo apt-get install -y --no-install-recommends .*qemu-system-x86/m);
      for (const name of ['libvirt-daemon-system', 'libvirt-clients', 'mmdebstrap', 'xorriso', 'openssh-client']) {
        expect(stderr).toMatch(new RegExp(`apt-get install.* ${name}( |$)`, 'm'));
      }
      expect(stderr).not.toContain('installing:');
    },
  );

  test('setup-host installs what only some releases have, where this one has it', async () => {
    const { stderr } = await exec(join(folder, 'tools/setup-host'), ['--dry-run'], { env: env() });
    expect(stderr).toMatch(/apt-get install .* debian-archive-keyring( |$)/m);
    expect(stderr).not.toContain('installing:');
  });
});
