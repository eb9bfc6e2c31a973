import { isKatavmError } from './katavm-error.js';

/** The message of anything thrown, without a stack trace. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** `ENOENT` and its like, for errors of Node's own calls. */
export function systemErrorCode(error: unknown): string | undefined {
  if (isKatavmError(error) || typeof error !== 'object' || error === null) return undefined;
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' ? code : undefined;
}
