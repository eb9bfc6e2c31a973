import { chmod, cp, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { exec } from '@katavm/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkout, testHome } from '../harness/katavm.js';
import { whyNoPrivateHost } from '../network/private-host.js';
import { minimalConfig } from '../setup/minimal-master.js';

// All other tests run on the libvirt of whoever runs them: as an ordinary user, that is the session's already.
const reason = await whyNoPrivateHost();

describe.skipIf(reason)(`an ordinary user${reason === undefined ? '' : `: skipped, since ${reason}`}`, () => {
  let folder: string;
  let home: string;

  beforeAll(async () => {
    folder = await mkdtemp('/var/tmp/katavm-session-');
    await chmod(folder, 0o711);
    home = join(folder, '.local/share/katavm');
    const [from, to] = [join(testHome(), 'masters', minimalConfig), join(home, 'masters', minimalConfig)];
    await cp(from, to, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
    await cp(join(testHome(), 'test-configs'), join(folder, 'configs'), { recursive: true });
    await exec('chown', ['--recursive', 'nobody', folder]);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const katavm = '"$HOME/node" "$HOME/checkout/packages/cli/dist/bin/katavm.js"';

  /** Runs lines of shell as that user; whatever they start ends with them. */
  async function asUser(script: string): Promise<{ readonly stdout: string; readonly stderr: string }> {
    const words = [join(import.meta.dirname, 'as-ordinary-user'), folder, checkout, process.execPath, 'sh', '-c', script];
    return exec('unshare', ['--mount', '--pid', '--fork', '--kill-child', ...words]);
  }

  test('runs a command in a clone on qemu:///session, and nothing of it is left', async () => {
    const run = `${katavm} run minimal -- sh -c 'echo in; hostname; exit 7' || echo "ended with $?"`;
    const look =
      'echo "clones: $(ls -A .local/share/katavm/clones)"; echo "domains: $(virsh -c qemu:///session list --all --name)"';
    const { stdout, stderr } = await asUser(`${katavm} create-keys; ${run}; ${look}`);
    expect(stdout, stderr).toMatch(/^in\nminimal-[0-9a-f]{10}\nended with 7\nclones: \ndomains: $/m);
  });

  test('is told by doctor which libvirt is asked, and that it answers', async () => {
    const { stdout } = await asUser(`${katavm} doctor || true`);
    expect(stdout).toMatch(/^ok +libvirt connection: qemu:\/\/\/session$/m);
  });
});
