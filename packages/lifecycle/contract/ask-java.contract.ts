import { chmod, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exec, ignoreEvents } from '@katavm/core';
import { type GuestSession, quoteCommand } from '@katavm/ssh-agent-runner';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { askJava, parseJavas } from '../src/agent/ask-java.js';
import type { Context } from '../src/context/context.js';

const context = { emit: ignoreEvents, adapters: { ssh: { quoteCommand } } } as unknown as Context;
const { signal } = new AbortController();

/** A guest whose login shell runs this first: the real answers, from a shell of this host. */
function guest(first = ''): GuestSession {
  const run = (command: string) => exec('sh', ['-c', `${first}\n${command}`], { acceptExitCodes: [0, 1] });
  return { run } as unknown as GuestSession;
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'katavm-java-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function program(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, `#!/bin/sh\n${text}\n`);
  await chmod(path, 0o755);
  return path;
}

const says = (version: string) => `echo 'openjdk version "${version}" 2026-01-20' >&2`;

test('a Java is found with its version, and where it is, links followed', async () => {
  const path = await program('java-21', `echo 'Picked up JAVA_TOOL_OPTIONS: -Xmx1g' >&2; ${says('21.0.9')}`);
  await symlink(path, join(folder, 'java'));
  const [found] = (await askJava(context, guest(), join(folder, 'java'), signal)) ?? [];
  expect(found).toEqual({ program: join(folder, 'java'), path, version: '21.0.9' });
});

test('a wrapper that prints on stdout is found to, and one that fails, or prints no version, has none', async () => {
  const loud = await program('loud', `echo Using JDK 21; ${says('21')}`);
  expect((await askJava(context, guest(), loud, signal))?.[0]).toMatchObject({ version: '21', prints: 'Using JDK 21\n' });
  const broken = await program('broken', 'echo no JVM here >&2; exit 1');
  expect((await askJava(context, guest(), broken, signal))?.[0]).toEqual({ program: broken, path: broken, version: undefined });
});

test('one that is not there is told as missing, whatever others the guest has', async () => {
  expect((await askJava(context, guest(), 'no-such-java', signal))?.[0]).toEqual({ program: 'no-such-java' });
  expect(parseJavas('/usr/lib/jvm/j/bin/java\0/usr/lib/jvm/j/bin/java\0\0version "17"\0end', 'java')).toEqual([
    { program: 'java' },
    { program: '/usr/lib/jvm/j/bin/java', path: '/usr/lib/jvm/j/bin/java', version: '17' },
  ]);
});

test("a login shell's own words do not matter, and one that runs nothing leaves the question open", async () => {
  const path = await program('quiet', says('17.0.15'));
  expect((await askJava(context, guest('echo Welcome'), path, signal))?.[0]).toMatchObject({ version: '17.0.15' });
  expect(await askJava(context, guest('echo no shell for you; exit 1'), path, signal)).toBeUndefined();
});
