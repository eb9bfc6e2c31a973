import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { refused } from './refused.js';

/** A disk below folders of these modes, and what libvirt says of it. */
async function refusalOf(modes: readonly number[], fileMode = 0o644) {
  const top = await mkdtemp('/var/tmp/katavm-closed-');
  onTestFinished(() => rm(top, { recursive: true, force: true }));
  let folder = top;
  for (const [index, mode] of modes.entries()) {
    folder = index === 0 ? top : join(folder, `${index}`);
    await mkdir(folder, { recursive: true });
    await chmod(folder, mode);
  }
  const disk = join(folder, 'disk.qcow2');
  await writeFile(disk, '');
  await chmod(disk, fileMode);
  const said = `Failed to start domain 'c'\nCannot access storage file '${disk}' (as uid:64055, gid:64055): Permission denied`;
  return { top, disk, hint: refused('start the domain c', said).hint };
}

describe('a file that the user whom QEMU runs as cannot reach', () => {
  test.skipIf(process.getuid?.() !== 0)('names the first folder that is closed, its mode, and a home that works', async () => {
    const { top, hint } = await refusalOf([0o711, 0o700, 0o711]);
    expect(hint).toMatch(/^user \S+, as which QEMU runs, cannot pass through /);
    expect(hint).toContain(`${top}/1 (mode 0700): chmod o+x "${top}/1"`);
    expect(hint).toContain('KATAVM_HOME=/var/lib/katavm');
  });

  test('names the file where the folders are open, and who must read it', async () => {
    const { disk, hint } = await refusalOf([0o711], 0o600);
    expect(hint).toMatch(/^user \S+, as which QEMU runs, cannot read /);
    expect(hint).toContain(`${disk} (mode 0600): chmod o+r "${disk}"`);
  });

  test('names the file where QEMU finds closed what a disk stands on, and does not say whom it runs as', async () => {
    const { disk } = await refusalOf([0o711], 0o600);
    const { hint } = refused(
      'start the domain c',
      `qemu-system-x86_64: -blockdev {}: Could not open '${disk}': Permission denied`,
    );
    expect(hint).toBe(`the user that QEMU runs as cannot read ${disk} (mode 0600): chmod o+r "${disk}"`);
  });

  test('says in general what helps where the modes do not say why', async () => {
    const { hint } = await refusalOf([0o711]);
    expect(hint).toContain('every folder above it needs "chmod o+x"');
  });
});
