import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';

/** A base that was asked for, by everything that decides what it holds. */
export interface BaseRequest {
  /** sha256 of the request, hex. */
  readonly digest: string;
}

/** @param what plain data whose JSON text is the request: equal data, equal request. */
export function toRequest(what: unknown): BaseRequest {
  return { digest: createHash('sha256').update(JSON.stringify(what)).digest('hex') };
}

/** Enough to tell requests apart in a file's name. */
function short(request: BaseRequest): string {
  return request.digest.slice(0, 16);
}

export function entryDirectory(cache: string, sha256: string): string {
  return join(cache, sha256);
}

/** The folder of the links from what was asked for to what it gave. */
export function requestLinks(cache: string): string {
  return join(cache, 'by-request');
}

/** A symbolic link `../<sha256>`. */
export function requestLink(cache: string, request: BaseRequest): string {
  return join(requestLinks(cache), request.digest);
}

/** Held shared while a base is prepared, exclusive while old ones are collected. */
export function cacheLock(lockDirectory: string): string {
  return join(lockDirectory, 'bases.lock');
}

export function requestLock(lockDirectory: string, request: BaseRequest): string {
  return join(lockDirectory, `base-${short(request)}.lock`);
}

/** A new name each time: what an earlier build may still be writing is never mistaken for ours. */
export function partialDirectory(cache: string, request: BaseRequest): string {
  return join(cache, `${short(request)}.${randomBytes(4).toString('hex')}.partial`);
}

export function isPartialOf(name: string, request: BaseRequest): boolean {
  return new RegExp(`^${short(request)}\\.[0-9a-f]{8}\\.partial$`).test(name);
}

/** A download in progress: kept after an interruption, to be resumed. */
export function downloadFile(cache: string, request: BaseRequest): string {
  return join(cache, `${short(request)}.download.partial`);
}
