import type { HookArguments } from '../arguments/parse-arguments.js';

/** Which Jenkins node a hook works for, and of which controller. */
export interface JenkinsNode {
  readonly node: string;
  readonly controller: string | undefined;
}

/**
 * `--node`, or what the command launcher says (NODE_NAME). A launch over SSH without `--node` has none: nothing in such a session
 * tells two nodes on one host apart, and a guess could end another node's build.
 */
export function nodeOf({ options }: HookArguments, env: NodeJS.ProcessEnv): JenkinsNode | undefined {
  const node = options.node ?? env['NODE_NAME'];
  return node ? { node, controller: env['JENKINS_URL'] || undefined } : undefined;
}
