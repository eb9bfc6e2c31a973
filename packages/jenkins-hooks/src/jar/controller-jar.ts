import { type Emit, type ErrorCode, exec, KatavmError, type KatavmEvent, trackStep } from '@katavm/core';
import type { JavaNeed } from '@katavm/lifecycle';
import { fetchAgentJarProgram } from '../package.js';
import { needOfController } from './controller-version.js';
import type { FetchedJar } from './fetch-jar.js';

export interface ControllerJarInput {
  readonly url: string;
  /** Where jars are kept, by content. */
  readonly folder: string;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

/** What the program that fetches answers. */
export type FetchAnswer =
  | FetchedJar
  | { readonly error: { readonly code: ErrorCode; readonly message: string; readonly hint: string | undefined } };

/** Where the controller has its agent.jar. Jenkins tells the command launcher, where its own URL is configured. */
export function jarUrl(env: NodeJS.ProcessEnv): string | undefined {
  const given = env['AGENTJAR_URL'] || env['SLAVEJAR_URL'];
  if (given) return given;
  const controller = env['JENKINS_URL'];
  return controller ? `${controller.replace(/\/*$/, '')}/jnlpJars/agent.jar` : undefined;
}

/**
 * The controller's agent.jar, fetched where it is not the one of last time. A program of its own does it while the guest boots:
 * the HTTP client takes 18 MB, which a hook would hold as long as its agent runs.
 *
 * @returns its path on this host, and the Java that it needs.
 * @throws KATAVM_AGENT_JAR_UNAVAILABLE, KATAVM_PROXY_INVALID
 */
export function controllerJar({ url, folder, emit, signal }: ControllerJarInput): Promise<FetchedJar> {
  return trackStep(emit, 'fetch agent.jar', withoutCredentials(url), async () => {
    const { stdout } = await exec(process.execPath, [fetchAgentJarProgram, url, folder], { signal });
    const answer = JSON.parse(stdout) as FetchAnswer;
    if ('error' in answer) throw new KatavmError(answer.error);
    const { warning, controller, need } = answer;
    if (warning !== undefined) emit({ type: 'notice', level: 'warning', code: 'KATAVM_AGENT_JAR_STALE', message: warning });
    if (!needOfController(controller)) emit(versionUnknown(controller, need));
    return answer;
  });
}

/** Not wrong by itself: any web server may hold the jar. */
function versionUnknown(controller: string | undefined, need: JavaNeed | undefined): KatavmEvent {
  const said = controller === undefined ? 'without the header X-Jenkins' : `with X-Jenkins: ${JSON.stringify(controller)}`;
  const known = need ? `its jar alone says that it needs Java ${need.major}` : 'what Java it needs is not known';
  const message = `the agent.jar came ${said}, which names no version of Jenkins: ${known}`;
  return { type: 'notice', level: 'info', code: 'KATAVM_JENKINS_VERSION_UNKNOWN', message };
}

export function withoutCredentials(url: string): string {
  return url.replace(/\/\/[^/@]*@/, '//');
}
