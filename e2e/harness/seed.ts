import { createCipheriv, createHash, randomInt } from 'node:crypto';

/** Printed in the names of the tests that use it; set KATAVM_TEST_SEED to run them again as they ran. */
export const seed = Number(process.env['KATAVM_TEST_SEED'] ?? randomInt(2 ** 31));

/** A number from 0 to below `below`: another for each name, the same one for the same seed. */
export function chosen(name: string, below: number): number {
  return digestOf(name).readUInt32BE() % below;
}

/** Bytes without a pattern, all 256 values among them. */
export function randomData(name: string, bytes: number): Buffer {
  return createCipheriv('aes-256-ctr', digestOf(name), Buffer.alloc(16)).update(Buffer.alloc(bytes));
}

function digestOf(name: string): Buffer {
  return createHash('sha256').update(`${seed} ${name}`).digest();
}
