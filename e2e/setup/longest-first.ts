import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Two files run at once: one that takes minutes and begins last would run alone at the end. */
const longest = ['debian.e2e.ts', 'hosts/hosts.e2e.ts', 'jenkins-hook/purity.e2e.ts'];

/** Files in a fixed order, the longest first. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification) => longest.some((name) => moduleId.endsWith(`/e2e/${name}`));
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}
