import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { isKatavmError, throwIfAborted } from '@katavm/core';
import type { SFTPWrapper } from 'ssh2';
import { whenAborted } from '../abort/when-aborted.js';
import type { GuestSession } from '../adapter.js';
import { type Connection, openChannel } from '../connection/connection.js';
import { guestLost } from '../connection/failures.js';
import { putFailed, sourceUnreadable } from './failures.js';
import { removeRemoteFile, replaceRemoteFile, writeRemoteFile } from './remote-file.js';

type PutFileInput = Parameters<GuestSession['putFile']>[0];

const defaultMode = 0o644;
/** The grace that exec gives a process, too. An emulated, loaded guest answers within a second or two. */
const cleaningMilliseconds = 5000;

/**
 * Writes a file in the guest as the login user. It is written beside its place under another name and moved there when it
 * is whole: nobody sees a part of it.
 *
 * @throws KATAVM_FILE_UNREADABLE (on this host), KATAVM_PUT_FAILED (in the guest), KATAVM_GUEST_LOST,
 * KATAVM_SSH_CHANNEL_REFUSED, KATAVM_INTERRUPTED
 */
export async function putFile(connection: Connection, input: PutFileInput): Promise<void> {
  throwIfAborted(input.signal);
  const doing = `putting ${input.target}`;
  const sftp = await openChannel<SFTPWrapper, SFTPWrapper>(
    connection,
    doing,
    (client, callback) => client.sftp(callback),
    (channel) => channel,
  );
  sftp.on('error', () => {}); // told by the request that it ends
  const { aborted, forget } = whenAborted(input.signal);
  // A request that is sent on a dead connection is never answered.
  const lost = connection.closed.then(() => {
    throw guestLost(connection.address, doing, connection.cause());
  });
  lost.catch(() => {}); // the connection may end long after
  try {
    await put(sftp, input, aborted, lost);
  } finally {
    forget();
    sftp.end();
  }
}

async function put(sftp: SFTPWrapper, input: PutFileInput, aborted: Promise<never>, lost: Promise<never>): Promise<void> {
  const { source, target, mode = defaultMode } = input;
  const partial = `${target}.${randomBytes(6).toString('hex')}.partial`;
  const chunks = await openSource(source);
  const writing = writeRemoteFile(sftp, partial, mode, chunks).then(() => replaceRemoteFile(sftp, partial, target));
  try {
    await Promise.race([writing, aborted, lost]);
  } catch (error) {
    // Where the connection is dead, the partial file is beyond reach; where it hangs, whoever cancelled does not wait for it.
    const { aborted: tooLong } = whenAborted(AbortSignal.timeout(cleaningMilliseconds));
    await Promise.race([removeRemoteFile(sftp, partial), lost, tooLong]).catch(() => {});
    throw isKatavmError(error) ? error : putFailed(target, error);
  }
}

async function openSource(source: string | Uint8Array): Promise<AsyncIterable<Buffer> | Iterable<Buffer>> {
  if (typeof source !== 'string') return [Buffer.from(source.buffer, source.byteOffset, source.byteLength)];
  const file = await open(source).catch((error) => {
    throw sourceUnreadable(source, error);
  });
  const stream = createReadStream(source, { fd: file });
  return readingErrors(source, stream);
}

async function* readingErrors(source: string, chunks: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  try {
    yield* chunks;
  } catch (error) {
    throw sourceUnreadable(source, error);
  }
}
