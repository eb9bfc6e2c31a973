import { exec } from '@katavm/core';

/** mkfs.ext4 and chroot lie in /usr/sbin, which an ordinary user's PATH may lack. */
export function toolsPath(): string {
  return `${process.env['PATH'] ?? '/usr/bin:/bin'}:/usr/sbin:/sbin`;
}

/** Asked before a minute of work that could not be used without them. @throws KATAVM_COMMAND_MISSING */
export async function requireTools(signal?: AbortSignal): Promise<void> {
  const env = { PATH: toolsPath() };
  await exec('mmdebstrap', ['--version'], { env, signal });
  await exec('mkfs.ext4', ['-V'], { env, signal });
  await exec('qemu-img', ['--version'], { env, signal });
}
