import { expect, test } from 'vitest';
import { assertJava } from './assert-java.js';
import type { JavaRecord } from './java-record.js';

const java17 = { program: 'java', path: '/usr/lib/jvm/java-17/bin/java', version: '17.0.15' };
const java21 = { program: '/usr/lib/jvm/java-21/bin/java', path: '/usr/lib/jvm/java-21/bin/java', version: '21.0.9' };
const jenkins = { major: 21, of: 'Jenkins 2.555.1' };

function refusal(java: JavaRecord | undefined, need: typeof jenkins | undefined, program = 'java'): unknown {
  try {
    assertJava({ config: 'debian12', generation: 'g', java }, { program, need });
  } catch (error) {
    return error;
  }
  return undefined;
}

test('a Java that is too old is told with who needs which, which master has which, and what to do', () => {
  expect(refusal([java17], jenkins)).toMatchObject({
    code: 'KATAVM_AGENT_JAVA_OLD',
    message: 'Jenkins 2.555.1 needs Java 21, and "java" in the master of "debian12" (generation g) is Java 17.0.15',
    hint: expect.stringContaining('katavm master build debian12'),
  });
});

test('where the master has another Java that fits, that one is named, and no build is asked for', () => {
  const error = refusal([java17, java21], jenkins) as { hint: string };
  expect(error.hint).toContain('"java: /usr/lib/jvm/java-21/bin/java"');
  expect(error.hint).not.toContain('master build');
  expect(refusal([java17, java21], jenkins, java21.path)).toBeUndefined();
  expect(refusal([java17, java21], jenkins, java17.path)).toMatchObject({ code: 'KATAVM_AGENT_JAVA_OLD' });
});

test('a master without Java is told, also where nobody knows which is needed, with the one that it has elsewhere', () => {
  const missing = { code: 'KATAVM_AGENT_JAVA_MISSING' };
  expect(refusal([{ program: 'java' }], undefined)).toMatchObject(missing);
  expect(refusal([{ program: 'java' }, java21], jenkins)).toMatchObject({
    ...missing,
    hint: expect.stringContaining(java21.path),
  });
  expect(refusal([{ program: 'java' }, java17], jenkins)).toMatchObject({
    ...missing,
    hint: expect.not.stringContaining('java-17'),
  });
});

test('a wrapper that prints on stdout is told with its words', () => {
  const prints = { ...java21, program: 'java', path: '/usr/local/bin/java', prints: 'Using JDK 21\n' };
  expect(refusal([prints], jenkins)).toMatchObject({
    code: 'KATAVM_AGENT_JAVA_PRINTS',
    message: expect.stringContaining('"Using JDK 21\\n"'),
  });
});

test('a master that was built before katavm looked, another program than was looked for, and a new enough Java pass', () => {
  expect(refusal(undefined, jenkins)).toBeUndefined();
  expect(refusal([java17], jenkins, '/opt/jdk/bin/java')).toBeUndefined();
  expect(refusal([{ ...java21, program: 'java' }], jenkins)).toBeUndefined();
  expect(refusal([java17], undefined)).toBeUndefined();
  expect(refusal([{ program: 'java', path: '/usr/bin/java' }], jenkins)).toBeUndefined();
});
