import { KatavmError } from '@katavm/core';
import type { DigestAlgorithm } from '../cache/digest.js';

export interface Mismatch {
  /** How messages name the image: a URL or a path, without credentials. */
  readonly shown: string;
  readonly algorithm: DigestAlgorithm;
  readonly expected: string;
  readonly actual: string;
}

/** The image is not the one that was asked for. */
export function digestMismatch({ shown, algorithm, expected, actual }: Mismatch): KatavmError {
  return new KatavmError({
    code: 'KATAVM_BASE_DIGEST_MISMATCH',
    message: `${shown} does not have the digest it should have\n  expected ${algorithm}: ${expected}\n  actual ${algorithm}:   ${actual}`,
    hint: 'the image may have changed upstream: compare with the digest that its publisher shows, and update the config if it did',
    details: { algorithm, expected, actual },
  });
}
