import { randomUUID } from 'node:crypto';
import { open, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Holds `text` in a file without a name while `use` runs, for a program that takes its input from a path only. Whatever kills this
 * process, nothing of the text stays behind.
 *
 * @param use Gets a path below `/proc`, good for processes of the same user and for as long as the promise that it returns.
 */
export async function withUnnamedFile<T>(text: string, use: (path: string) => Promise<T>): Promise<T> {
  const name = join(tmpdir(), `katavm-${randomUUID()}`);
  const file = await open(name, 'wx', 0o600);
  try {
    await unlink(name);
    await file.writeFile(text);
    return await use(`/proc/${process.pid}/fd/${file.fd}`);
  } finally {
    await file.close();
  }
}
