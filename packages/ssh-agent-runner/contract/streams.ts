import { createCipheriv, createHash, randomInt } from 'node:crypto';
import { Readable, Writable } from 'node:stream';

/** Printed in the names of the tests that use it; set KATAVM_TEST_SEED to run them again as they ran. */
export const seed = Number(process.env['KATAVM_TEST_SEED'] ?? randomInt(2 ** 31));

/** mulberry32: numbers from 0 to below `below`, the same ones for the same seed. */
export function numbers(start: number): (below: number) => number {
  let state = start;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** A stream of random bytes, all 256 values among them, and the SHA-256 of those that were read from it. */
export function randomBytesOf(bytes: number, from = seed) {
  const key = createHash('sha256').update(String(from)).digest();
  const cipher = createCipheriv('aes-256-ctr', key, Buffer.alloc(16));
  const hash = createHash('sha256');
  let left = bytes;
  const stream = new Readable({
    read(size) {
      const length = Math.min(left, size);
      left -= length;
      if (length === 0) return void this.push(null);
      const chunk = cipher.update(Buffer.alloc(length));
      hash.update(chunk);
      this.push(chunk);
    },
  });
  return Object.assign(stream, { digest: () => hash.digest('hex'), taken: () => bytes - left });
}

export interface SinkOptions {
  /** Resolves when the sink may take the next chunk. */
  readonly before?: (received: number) => Promise<unknown>;
  readonly onChunk?: (received: number) => void;
}

/** A sink that counts and hashes, and keeps the bytes if there are few. */
export function countingSink({ before, onChunk }: SinkOptions = {}) {
  const hash = createHash('sha256');
  const kept: Buffer[] = [];
  let received = 0;
  const stream = new Writable({
    async write(chunk: Buffer, _encoding, callback) {
      await before?.(received);
      received += chunk.length;
      hash.update(chunk);
      if (received <= 2 ** 20) kept.push(chunk);
      callback();
      onChunk?.(received);
    },
  });
  return Object.assign(stream, { received: () => received, digest: () => hash.digest('hex'), bytes: () => Buffer.concat(kept) });
}

export const nothing = () => Readable.from([]);
