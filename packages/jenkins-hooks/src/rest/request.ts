import { setTimeout as pause } from 'node:timers/promises';
import { abortReason, hasCode, isKatavmError, messageOf, throwIfAborted } from '@katavm/core';
import { type Call, failed, notJenkins, refused, unreachable } from './failures.js';

export interface RequestOptions {
  /** For one attempt, the body included. Default 10 s: an answer takes 10 ms, and a controller that collects garbage seconds. */
  readonly timeoutMilliseconds?: number | undefined;
  /** How often a call that may be repeated is made at most. Default 3. */
  readonly attempts?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Request extends RequestOptions {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly authorization: string;
  readonly body?: { readonly type: string; readonly text: string } | undefined;
  /** Twice is the same as once. A call that is not is made once. */
  readonly repeatable: boolean;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
}

const defaultTimeoutMilliseconds = 10_000;
const defaultAttempts = 3;
const firstPauseMilliseconds = 200;
/** A node's config.xml is a few KB; a login page some 100. */
const largestAnswerBytes = 8 * 1024 ** 2;

/**
 * Makes a call. A redirect is not followed: it is how Jenkins says that a POST succeeded.
 *
 * @returns the answer, its status 2xx, 302 or 404.
 * @throws KATAVM_JENKINS_UNREACHABLE, KATAVM_JENKINS_REFUSED, KATAVM_JENKINS_FAILED, KATAVM_JENKINS_NOT_JENKINS, KATAVM_INTERRUPTED
 */
export async function request(input: Request): Promise<Answer> {
  const attempts = input.repeatable ? (input.attempts ?? defaultAttempts) : 1;
  for (let attempt = 1; ; attempt++) {
    throwIfAborted(input.signal);
    try {
      return judge(input, await once(input));
    } catch (error) {
      if (attempt >= attempts || !isPassing(error)) throw error;
    }
    await pause(firstPauseMilliseconds * 2 ** (attempt - 1), undefined, { signal: input.signal }).catch(() => {});
  }
}

/** True for a failure that the same call may not meet again: Jenkins restarts, or its network hiccups. */
export function isPassing(error: unknown): boolean {
  return hasCode(error, 'KATAVM_JENKINS_UNREACHABLE') || hasCode(error, 'KATAVM_JENKINS_FAILED');
}

type Raw = Answer & { readonly location: string | null };

async function once(input: Request): Promise<Raw> {
  const milliseconds = input.timeoutMilliseconds ?? defaultTimeoutMilliseconds;
  // Not AbortSignal.any: it holds on to every signal made of one that lives as long as a build (nodejs/node issue 54614).
  const stop = new AbortController();
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    stop.abort();
  }, milliseconds);
  const interrupt = () => stop.abort();
  input.signal?.addEventListener('abort', interrupt, { once: true });
  try {
    const { status, headers, body } = await fetch(input.url, init(input, stop.signal));
    return { status, location: headers.get('location'), text: await readText(input, body) };
  } catch (error) {
    if (input.signal?.aborted) throw abortReason(input.signal);
    if (isKatavmError(error)) throw error;
    throw unreachable(input, late ? `no answer within ${milliseconds} ms` : reasonOf(error), error);
  } finally {
    clearTimeout(timer);
    input.signal?.removeEventListener('abort', interrupt);
  }
}

function init({ method, authorization, body }: Request, signal: AbortSignal): RequestInit {
  const headers = { authorization, ...(body && { 'content-type': body.type }) };
  return { method, redirect: 'manual', signal, headers, ...(body && { body: body.text }) };
}

/** All of it, so that the connection can be used again: a look takes 9 ms with it and three times that without. */
async function readText(input: Call, body: Response['body']): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.length;
    if (bytes > largestAnswerBytes) throw notJenkins(input, `it is longer than ${largestAnswerBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** `fetch failed` says nothing; its cause does. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const inner = cause instanceof AggregateError ? cause.errors[0] : cause;
  return messageOf(inner) || messageOf(error);
}

function judge(call: Call, { status, text, location }: Raw): Answer {
  if (status === 401 || status === 403) throw refused(call, status, text);
  if (status >= 500) throw failed(call, status);
  if (status >= 300 && status < 400) {
    // Jenkins itself answers a wrong token with 401: a way to a login page is a single sign-on in front of it.
    if (call.method === 'GET' || /\/(login|securityRealm\/commenceLogin)\b/.test(location ?? ''))
      throw notJenkins(call, `a redirect to ${(location ?? 'nowhere').replace(/\?.*/, '')}`);
    return { status, text };
  }
  if (status === 404 || (status >= 200 && status < 300)) return { status, text };
  throw failed(call, status);
}
