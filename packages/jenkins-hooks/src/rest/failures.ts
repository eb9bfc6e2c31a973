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

/** What an answer of 401 or 403 says of its reason. */
export interface Refusal {
  readonly status: number;
  readonly text: string;
  /** X-Required-Permission: `hudson.model.Computer.Connect`. */
  readonly permission: string | undefined;
}

export function refused(call: Call, refusal: Refusal): KatavmError {
  const { status } = refusal;
  const missing = status === 403 ? missingPermission(refusal) : undefined;
  return new KatavmError({
    code: 'KATAVM_JENKINS_REFUSED',
    message: `${named(call)}: Jenkins refused it (${status})${missing ? `: the user is missing the permission ${missing}` : ''}`,
    hint: hintFor(refusal, missing),
    exitCode: ExitCode.hostNotReady,
    details: { status, ...(missing && { permission: missing }) },
  });
}

/** How Jenkins' pages name the groups of its permissions. */
const groups: Readonly<Record<string, string>> = {
  'hudson.model.Computer': 'Agent',
  'hudson.model.Hudson': 'Overall',
  'hudson.model.Item': 'Job',
  'hudson.model.View': 'View',
};

/** `Agent/Connect`: by the header, else by the page's words. */
function missingPermission({ permission, text }: Refusal): string | undefined {
  const [, group = '', name] = /^([\w.]+)\.(\w+)$/.exec(permission ?? '') ?? [];
  if (name !== undefined) return `${groups[group] ?? group}/${name}`;
  return /is missing the ([\w /]+) permission/.exec(text)?.[1];
}

function hintFor({ status, text }: Refusal, missing: string | undefined): string {
  // Not "crumb" alone: every page of Jenkins has the header's name in it.
  if (status === 403 && text.includes('No valid crumb was included in the request'))
    return 'Jenkins asks for a crumb, so it took the token for a password: make an API token (user menu, Security) and use that';
  if (status === 401) return 'check the user and its API token (user menu, Security); a deleted token looks the same';
  if (missing === 'Agent/ExtendedRead')
    return 'give the user Agent/Configure, which includes it; the matrix hides Agent/ExtendedRead itself';
  if (missing) return `give the user ${missing} (Manage Jenkins, Security; or in the node's own configuration)`;
  return 'the user needs Overall/Read, Job/Read, Agent/Connect and Agent/Disconnect; to create nodes also Agent/Create and Agent/Configure';
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
