import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exec } from '@katavm/core';
import type { KeyMaterial } from '@katavm/keys';

/** By which the identity unit finds the disk in /sys/block. udev makes /dev/disk/by-id/virtio-katavm-identity of it, later. */
export const identitySerial = 'katavm-identity';

/** Who one VM is. On the guest's side it lives in memory only (/run/katavm), never on its disk. */
export interface Identity {
  readonly hostname: string;
  readonly user: string;
  readonly hostKey: KeyMaterial;
  /** Lines of authorized_keys. */
  readonly authorizedKeys: readonly string[];
}

/**
 * Writes the identity disk: a bare tar, which the guest unpacks from the block device without a file system's help.
 * `extra` files travel along: the build's disk brings the guest's own part of katavm.
 */
export async function writeIdentityDisk(
  path: string,
  identity: Identity,
  extra: Readonly<Record<string, string>> = {},
  signal?: AbortSignal,
): Promise<void> {
  const files: Record<string, string> = {
    hostname: `${identity.hostname}\n`,
    ssh_host_ed25519_key: identity.hostKey.privateKey,
    'ssh_host_ed25519_key.pub': `${identity.hostKey.publicKey}\n`,
    [`authorized_keys/${identity.user}`]: `${identity.authorizedKeys.join('\n')}\n`,
    ...extra,
  };
  const staging = `${path}.d`;
  try {
    await mkdir(join(staging, 'authorized_keys'), { recursive: true, mode: 0o700 });
    await Promise.all(Object.entries(files).map(([name, text]) => stage(join(staging, name), text, modeOf(name))));
    const names = Object.keys(files).sort();
    // The same identity gives the same bytes: no times, no owners of the host.
    const args = ['--create', '--file', path, '--format=ustar', '--owner=0', '--group=0', '--numeric-owner', '--mtime=@0'];
    // It holds a private host key: tar would make it readable by all. libvirt hands it to QEMU's user.
    await writeFile(path, '', { mode: 0o600 });
    await exec('tar', [...args, '--directory', staging, ...names], { signal });
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** The modes that the files have in the guest, where sshd wants the private key to be root's alone, and reads the others as the user. */
function modeOf(name: string): number {
  return name === 'ssh_host_ed25519_key' ? 0o600 : 0o644;
}

async function stage(path: string, text: string, mode: number): Promise<void> {
  await writeFile(path, text, { mode });
  await chmod(path, mode); // whatever the umask
}
