import { ExitCode, KatavmError } from '@katavm/core';

/** One call, for messages: never its query or its body. */
export interface Call {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
}

function named({ method, url }: Call): string {
  return `${method} ${url.origin}${url.pathname}`;
}

export function unreachable(call: Call, reason: string, cause?: unknown): KatavmError {
  return new KatavmError({
    code: 'KATAVM_JENKINS_UNREACHABLE',
    message: `${named(call)}: Jenkins did not answer: ${reason}`,
    hint: `look whether Jenkins runs and whether this host reaches it: curl -I ${call.url.origin}${call.url.pathname}`,
    cause,
  });
}

/** 401 and 403. `said` is the answer's text. */
export function refused(call: Call, status: number, said: string): KatavmError {
  return new KatavmError({
    code: 'KATAVM_JENKINS_REFUSED',
    message: `${named(call)}: Jenkins refused it (${status})${status === 403 ? permission(said) : ''}`,
    hint: hintFor(status, said),
    exitCode: ExitCode.hostNotReady,
    details: { status },
  });
}

/** Jenkins names what is missing: `katavm is missing the Agent/Connect permission`. */
function permission(said: string): string {
  const [found] = /[\w.@-]+ is missing the [\w /]+ permission/.exec(said) ?? [];
  return found === undefined ? '' : `: ${found}`;
}

function hintFor(status: number, said: string): string {
  if (/crumb/i.test(said))
    return 'Jenkins asks for a crumb, so it took the token for a password: make an API token (user menu, Security) and use that';
  if (status === 401) return 'check the user and its API token (user menu, Security); a deleted token looks the same';
  return 'the user needs Overall/Read, Job/Read, Agent/Connect and Agent/Disconnect; to create nodes also Agent/Create, Configure and ExtendedRead';
}

export function failed(call: Call, status: number): KatavmError {
  return new KatavmError({
    code: 'KATAVM_JENKINS_FAILED',
    message: `${named(call)}: Jenkins answered ${status}`,
    hint: status === 503 ? 'it starts, or is shutting down: try again in a minute' : "look into Jenkins' own log",
    details: { status },
  });
}

export function notJenkins(call: Call, what: string): KatavmError {
  return new KatavmError({
    code: 'KATAVM_JENKINS_NOT_JENKINS',
    message: `${named(call)}: this is not Jenkins' answer: ${what}`,
    hint: "check the URL: it is Jenkins' root URL with its path; a proxy in between must let user:token through",
    exitCode: ExitCode.usage,
  });
}

export function nodeMissing(node: string, url: URL): KatavmError {
  return new KatavmError({
    code: 'KATAVM_JENKINS_NODE_MISSING',
    message: `${url.href} has no node "${node}", or hides it from this user`,
    hint: 'katavm jenkins apply CONFIG creates nodes; under the SSH launcher NODE_NAME must be set in the prefix',
    exitCode: ExitCode.notFound,
  });
}
