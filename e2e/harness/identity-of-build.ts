import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { exec } from '@katavm/core';
import { testHome } from './katavm.js';

/** The secrets of the build that step 2 left, read from its identity disk: a line of the private key, and the authorised key. */
export async function identityOfBuild(config: string): Promise<{ readonly privateKey: string; readonly authorizedKey: string }> {
  const master = join(testHome(), 'masters', config);
  const partial = (await readdir(master)).find((name) => name.endsWith('.partial'));
  const disk = join(master, partial ?? '', 'identity.tar');
  const [host, user] = await Promise.all(
    ['ssh_host_ed25519_key', 'authorized_keys/jenkins'].map((member) => exec('tar', ['-xOf', disk, member])),
  );
  // The third line of an ed25519 key holds its secret part; the first two begin alike in every key.
  return { privateKey: host?.stdout.split('\n')[3] ?? '', authorizedKey: user?.stdout.split(' ')[1] ?? '' };
}
