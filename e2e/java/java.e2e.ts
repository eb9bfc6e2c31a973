import { beforeAll, describe, expect } from 'vitest';
import { katavm } from '../harness/katavm.js';
import { testsOfJava } from './java-of-agents.js';

describe('on Debian 13', () => {
  beforeAll(async () => {
    const built = await katavm(['master', 'build', 'debian13']);
    expect(built.exitCode, built.stderr).toBe(0);
  });

  testsOfJava('debian13', 21);
});
