import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exec } from '@katavm/core';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const programs = {
  katavm: join(root, 'packages/cli/dist/bin/katavm.js'),
  'katavm-jenkins-stop': join(root, 'packages/jenkins-hooks/dist/bin/katavm-jenkins-stop.js'),
} as const;

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'katavm-warnings-'));
});
afterAll(() => rm(home, { recursive: true }));

test.each([
  ['katavm', '--help'],
  ['katavm', 'config show debian12'],
  ['katavm', 'master list'],
  ['katavm', 'clone list'],
  ['katavm', 'pool status'],
  ['katavm', 'gc'],
  ['katavm-jenkins-stop', '1 debian12'],
] as const)('"%s %s" prints no warning about what Node will take away', async (program, words) => {
  const env = { KATAVM_HOME: home, KATAVM_CONFIGS: join(root, 'configs'), KATAVM_SITE: '', KATAVM_JENKINS_FILE: '' };
  const args = ['--pending-deprecation', programs[program], ...words.split(' ')];
  const { stderr } = await exec(process.execPath, args, { env });
  expect(stderr).not.toMatch(/Warning|DEP\d/);
});
