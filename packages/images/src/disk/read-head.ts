import { open } from 'node:fs/promises';

/** Far enough for the last signature that is looked for: btrfs has it 64 KiB + 64 bytes into the disk. */
const headBytes = 68 * 1024;

/** The first bytes of a file; fewer where it is shorter. */
export async function readHead(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
