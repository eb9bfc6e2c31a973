import { abortReason, ExitCode, KatavmError, messageOf } from '@katavm/core';

/** An answer that is no file. `what` is the URL as messages show it. */
export function refusedAnswer(status: number, what: string): KatavmError {
  if (status === 404 || status === 410) {
    return new KatavmError({
      code: 'KATAVM_BASE_NOT_FOUND',
      message: `there is no ${what} (the server answered ${status})`,
      hint: 'publishers remove old images: look for the current name beside it, and update url and digest in the config',
      details: { status },
    });
  }
  if (status === 401 || status === 403 || status === 407) {
    return new KatavmError({
      code: 'KATAVM_BASE_FORBIDDEN',
      message: `the ${status === 407 ? 'proxy' : 'server'} refuses to give ${what} (${status})`,
      hint: 'check the user and password in the URL, or the proxy that http_proxy and https_proxy name',
      details: { status },
    });
  }
  return new KatavmError({
    code: 'KATAVM_BASE_SERVER_FAILED',
    message: `the server of ${what} answered ${status} in place of the file`,
    hint: 'try again later, or use another mirror of the image',
    details: { status },
  });
}

/** No answer at all. */
export function unreachable(error: unknown, what: string, signal?: AbortSignal): unknown {
  if (signal?.aborted) return abortReason(signal);
  return new KatavmError({
    code: 'KATAVM_BASE_UNREACHABLE',
    message: `cannot reach the server of ${what}: ${reasonOf(error)}`,
    hint: 'check the name, the network, and the proxy: http_proxy, https_proxy and no_proxy are honoured',
    exitCode: ExitCode.failed,
    cause: error,
  });
}

/** Node gives an AggregateError with an empty message where each of several addresses was tried. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ');
  return messageOf(error);
}

/** A page in place of the file. */
export function htmlAnswer(what: string): KatavmError {
  return new KatavmError({
    code: 'KATAVM_BASE_IS_HTML',
    message: `${what} gives an HTML page, not a file: a login page, a proxy's notice, or a moved download`,
    hint: `open it in a browser to see what it says, and put the file's own URL into the config`,
  });
}
