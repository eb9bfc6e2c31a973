import { type ClientRequest, Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
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

type Raw = Answer & { readonly location: string | undefined; readonly permission: string | undefined };

/** Made once: a look takes 9 ms on an open connection, and three times that with a new one. Idle sockets keep no process alive. */
const agents = { http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent({ keepAlive: true }) };

async function once(input: Request): Promise<Raw> {
  const milliseconds = input.timeoutMilliseconds ?? defaultTimeoutMilliseconds;
  const call = open(input);
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    call.destroy(new Error(`no answer within ${milliseconds} ms`));
  }, milliseconds);
  const interrupt = () => call.destroy();
  input.signal?.addEventListener('abort', interrupt, { once: true });
  try {
    return await answerOf(input, call);
  } catch (error) {
    if (input.signal?.aborted) throw abortReason(input.signal);
    if (isKatavmError(error)) throw error;
    throw unreachable(input, late ? `no answer within ${milliseconds} ms` : reasonOf(error), error);
  } finally {
    clearTimeout(timer);
    input.signal?.removeEventListener('abort', interrupt);
  }
}

/** Not `fetch`: in a hook that lives as long as its agent it would hold 30 MiB, this holds 7 (both after 500 calls). */
function open({ method, url, authorization, body, repeatable }: Request): ClientRequest {
  const secure = url.protocol === 'https:';
  const headers = {
    authorization,
    ...(body && { 'content-type': body.type }),
    'content-length': Buffer.byteLength(body?.text ?? ''),
  };
  // A connection that was kept may be closed at the very moment in which it is used again: that would leave open what a call that
  // may not be repeated has done.
  const agent = repeatable && (secure ? agents.https : agents.http);
  const call = (secure ? httpsRequest : httpRequest)(url, { method, headers, agent });
  call.end(body?.text);
  return call;
}

/** Whatever ends the call ends the promise: once the answer has begun, an error shows on either of the two streams. */
function answerOf(input: Call, call: ClientRequest): Promise<Raw> {
  return new Promise((resolve, reject) => {
    call.on('error', reject);
    call.once('response', (response: IncomingMessage) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        chunks.push(chunk);
        if (bytes > largestAnswerBytes) call.destroy(notJenkins(input, `it is longer than ${largestAnswerBytes} bytes`));
      });
      response.once('error', reject);
      response.once('close', () => reject(new Error('the connection was closed in the middle of the answer')));
      response.once('end', () => {
        const { statusCode: status = 0, headers } = response;
        const permission = headers['x-required-permission'];
        resolve({
          status,
          location: headers.location,
          permission: typeof permission === 'string' ? permission : permission?.[0],
          text: Buffer.concat(chunks).toString('utf8'),
        });
      });
    });
  });
}

/** A name with several addresses fails with one error for each, and says nothing itself. */
function reasonOf(error: unknown): string {
  const inner = error instanceof AggregateError ? error.errors[0] : error;
  return messageOf(inner) || messageOf(error);
}

function judge(call: Call, raw: Raw): Answer {
  const { status, text, location } = raw;
  if (status === 401 || status === 403) throw refused(call, raw);
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
