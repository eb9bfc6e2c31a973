import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CloudInitAdapter } from '../adapter.js';
import { failureOf, inTemporaryFolder } from './samples.js';
import type { TestFramework } from './test-framework.js';

const mistakes: readonly (readonly [what: string, content: string, code: string])[] = [
  ['is no cloud-config', '#!/bin/sh\n', 'KATAVM_USER_DATA_NOT_CLOUD_CONFIG'],
  ['is not YAML', '#cloud-config\npackages: [\n', 'KATAVM_USER_DATA_NOT_YAML'],
  ['is not what cloud-init takes', '#cloud-config\n\npackages: jq\n', 'KATAVM_USER_DATA_INVALID'],
];

export function promiseReading(adapter: CloudInitAdapter, { describe, it, expect }: TestFramework): void {
  describe('readUserData', () => {
    it('gives the data and the lines that it stands on', () =>
      inTemporaryFolder(async (folder) => {
        const file = join(folder, 'user-data');
        await writeFile(file, '#cloud-config\npackages:\n  - jq\n');
        const own = await adapter.readUserData(file);
        expect(own.value).toEqual({ packages: ['jq'] });
        expect(own.file).toBe(file);
        expect(own.lineOf(['packages', 0])).toBe(3);
      }));

    for (const [what, content, code] of mistakes) {
      it(`names the file where it ${what}`, () =>
        inTemporaryFolder(async (folder) => {
          const file = join(folder, 'user-data');
          await writeFile(file, content);
          const error = await failureOf(() => adapter.readUserData(file));
          expect(error).toMatchObject({ code, exitCode: 2 });
          expect(String(error)).toContain(file);
        }));
    }

    it('says that a file is missing', () =>
      inTemporaryFolder(async (folder) => {
        const error = await failureOf(() => adapter.readUserData(join(folder, 'nothing')));
        expect(error).toMatchObject({ code: 'KATAVM_USER_DATA_MISSING', exitCode: 2 });
      }));
  });
}
