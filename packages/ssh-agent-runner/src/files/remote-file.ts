import type { SFTPWrapper } from 'ssh2';

type Callback = (error?: Error | null) => void;

/** SFTP's answers, as promises. */
const answer = (ask: (callback: Callback) => void) =>
  new Promise<void>((resolve, reject) => ask((error) => (error ? reject(error) : resolve())));

/** One round trip carries 32 KiB; this many of them under way keep the line busy (OpenSSH's sftp: 64). */
const writesAtOnce = 64;
const bytesAtOnce = 32 * 1024;

/** Writes a new file; its mode is set as given, whatever the guest's umask. */
export async function writeRemoteFile(
  sftp: SFTPWrapper,
  path: string,
  mode: number,
  chunks: AsyncIterable<Buffer> | Iterable<Buffer>,
): Promise<void> {
  const handle = await openNew(sftp, path);
  try {
    await writeAll(sftp, handle, chunks);
    await answer((callback) => sftp.fchmod(handle, mode, callback));
  } finally {
    await answer((callback) => sftp.close(handle, callback));
  }
}

/** Puts `from` in the place of `to` in one step, as rename(2) does: SFTP's own rename refuses where `to` exists. */
export async function replaceRemoteFile(sftp: SFTPWrapper, from: string, to: string): Promise<void> {
  await answer((callback) => sftp.ext_openssh_rename(from, to, callback));
}

export async function removeRemoteFile(sftp: SFTPWrapper, path: string): Promise<void> {
  await answer((callback) => sftp.unlink(path, callback));
}

function openNew(sftp: SFTPWrapper, path: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    // 0600 until it is whole: nobody else sees a part of it.
    sftp.open(path, 'wx', { mode: 0o600 }, (error, handle) => (error ? reject(error) : resolve(handle)));
  });
}

async function writeAll(sftp: SFTPWrapper, handle: Buffer, chunks: AsyncIterable<Buffer> | Iterable<Buffer>): Promise<void> {
  const underWay = new Set<Promise<void>>();
  let position = 0;
  for await (const chunk of chunks) {
    for (let offset = 0; offset < chunk.length; offset += bytesAtOnce) {
      const length = Math.min(bytesAtOnce, chunk.length - offset);
      const at = position;
      position += length;
      const write = answer((callback) => sftp.write(handle, chunk, offset, length, at, callback));
      underWay.add(write);
      write.then(
        () => underWay.delete(write),
        () => {}, // stays, and is met below
      );
      if (underWay.size >= writesAtOnce) await Promise.race(underWay);
    }
  }
  await Promise.all(underWay);
}
