import { type JavaNeed, largerNeed } from '@katavm/lifecycle';
import type { CachedJar } from './jar-cache.js';

/**
 * From which release on a controller wants which Java of its agents. Weekly releases; a stable line takes its number from the weekly
 * release that it is made of, so that the same numbers hold for both: 2.361.1, 2.479.1 and 2.555.1 are the first of theirs.
 * https://www.jenkins.io/doc/book/platform-information/support-policy-java/ and jenkinsci/jenkins#26018.
 */
const needs = [
  { from: 545, java: 21 },
  { from: 463, java: 17 },
  { from: 357, java: 11 },
  { from: 54, java: 8 },
] as const;

/** What the header X-Jenkins says: `2.555.1`, `2.462.3.3` of a distribution, `2.556-SNAPSHOT`. `undefined` for what is no version. */
export function needOfController(version: string | undefined): JavaNeed | undefined {
  const [, first, second] = /^(\d+)\.(\d+)(?:[.-][\w.+() -]*)?$/.exec(version?.trim() ?? '') ?? [];
  if (first === undefined) return undefined;
  const minor = first === '2' ? Number(second) : Number(first) > 2 ? Number.POSITIVE_INFINITY : 0;
  const major = needs.find(({ from }) => minor >= from)?.java ?? 7;
  return { major, of: `Jenkins ${version?.trim()}` };
}

/** Of the controller and of its jar, the larger one. */
export function needOfCached({ controller, java }: CachedJar): JavaNeed | undefined {
  return largerNeed(
    needOfController(controller),
    java === undefined ? undefined : { major: java, of: "the controller's agent.jar" },
  );
}
