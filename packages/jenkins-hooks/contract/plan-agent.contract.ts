// Which Java a launch needs and its master has, before anything boots: a real fetch from a controller on a loopback port.
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { VmConfig } from '@katavm/config';
import type { KatavmEvent } from '@katavm/core';
import { type Context, StateDirectory } from '@katavm/lifecycle';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { planAgent } from '../src/launch/plan-agent.js';

const jars = join(import.meta.dirname, '../../../e2e/agent-jar');
const { signal } = new AbortController();
let home: string;
let context: Context;
let events: KatavmEvent[];
let server: Server;
let controller: string | undefined;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'katavm-plan-'));
  events = [];
  const emit = (event: KatavmEvent) => void events.push(event);
  context = {
    state: new StateDirectory(home),
    adapters: { ssh: { quoteCommand: (argv: string[]) => argv.join(' ') } },
    emit,
  } as unknown as Context;
  await layMaster([{ program: 'java', path: '/usr/lib/jvm/java-17/bin/java', version: '17.0.15' }]);
  const jar = await readFile(join(jars, 'echo.jar'));
  server = createServer((request, response) => {
    const status = request.headers['if-none-match'] ? 304 : 200;
    response.writeHead(status, { etag: '"1"', ...(controller && { 'x-jenkins': controller }) });
    response.end(status === 200 ? jar : undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(home, { recursive: true });
});

async function layMaster(java: object | undefined): Promise<void> {
  const generation = '20260101T000000Z-aaaaaaaaaaaa';
  const folder = context.state.generation('c', generation);
  await mkdir(folder, { recursive: true });
  const sha256 = '0'.repeat(64);
  const manifest = {
    ...{ version: 1, config: 'c', generation, created: '2026-01-01T00:00:00.000Z', inputDigest: sha256, java },
    ...{ base: { origin: 'a test', sha256 }, disk: { file: 'disk.qcow2', sha256, bytes: 1, virtualSizeBytes: 1 } },
    ...{ boot: { kind: 'disk' }, guest: { user: 'jenkins', hostname: 'c' }, cloudInit: 'done', katavm: '0.0.0' },
  };
  await writeFile(join(folder, 'manifest.json'), JSON.stringify(manifest));
  await symlink(generation, context.state.currentGeneration('c')).catch(() => {});
}

function plan(command: readonly string[] = [], agent: object = {}) {
  const { port } = server.address() as AddressInfo;
  const config = {
    name: 'c',
    agent: { jar: join(home, 'absent.jar'), java: 'java', javaOptions: [], directory: '/var/lib/jenkins', ...agent },
    origins: { of: () => ('jar' in agent ? '/etc/katavm/site.yaml:1' : 'default') },
  } as unknown as VmConfig;
  return planAgent(context, { config, command, env: { JENKINS_URL: `http://127.0.0.1:${port}/` }, signal });
}

const old = { code: 'KATAVM_AGENT_JAVA_OLD', message: expect.stringContaining('Jenkins 2.555.1 needs Java 21') };

test('a controller that needs a newer Java than the master has is told before anything boots, the first time and later', async () => {
  controller = '2.555.1';
  await expect(plan()).rejects.toMatchObject(old);
  await expect(plan()).rejects.toMatchObject(old);
});

test('one that became newer since the last launch ends the boot that had begun', async () => {
  controller = '2.541.3';
  await (await plan()).needs;
  controller = '2.555.1';
  const { needs } = await plan();
  await expect(needs).rejects.toMatchObject(old);
});

test('one that went back to an older release is asked again, and launches', async () => {
  controller = '2.555.1';
  await expect(plan()).rejects.toMatchObject(old);
  controller = '2.541.3';
  expect(await (await plan()).needs).toMatchObject({ java: 'java', target: '/var/lib/jenkins/agent.jar' });
});

test('a master of which nobody knows the Java is launched', async () => {
  controller = '2.555.1';
  await layMaster(undefined);
  expect(await (await plan()).needs).toMatchObject({ java: 'java' });
});

test.each([
  [undefined, 'without the header X-Jenkins'],
  ['<b>', 'with X-Jenkins: "<b>"'],
])('a controller whose version is %j is launched, with a line that says what is not known', async (version, said) => {
  controller = version;
  await (await plan()).needs;
  expect(events).toContainEqual(
    expect.objectContaining({ code: 'KATAVM_JENKINS_VERSION_UNKNOWN', message: expect.stringMatching(`${said}.*Java 11`) }),
  );
});

test('the jar of the config, and the one that SSH Build Agents has put here, say what they need themselves', async () => {
  const needs21 = { code: 'KATAVM_AGENT_JAVA_OLD', message: expect.stringContaining('needs Java 21') };
  await expect(plan([], { jar: join(jars, 'echo21.jar') })).rejects.toMatchObject(needs21);
  await copyFile(join(jars, 'echo21.jar'), join(home, 'remoting.jar'));
  await expect(plan([`cd "${home}" && java -jar remoting.jar -workDir ${home}`])).rejects.toMatchObject(needs21);
  // Another Java than the one that was looked for at the build: the guest knows.
  const other = await plan([`cd "${home}" && /opt/jdk-21/bin/java -jar remoting.jar -workDir ${home}`]);
  expect(await other.needs).toMatchObject({ java: '/opt/jdk-21/bin/java' });
});

test('a page in the place of the jar that the config names is no jar', async () => {
  const jar = join(home, 'agent.jar');
  await writeFile(jar, '<!DOCTYPE html><title>Sign in</title>');
  await expect(plan([], { jar })).rejects.toMatchObject({ code: 'KATAVM_AGENT_JAR_INVALID' });
});

test.each([
  [[{ program: 'java' }], 'KATAVM_AGENT_JAVA_MISSING'],
  [[{ program: 'java', path: '/usr/local/bin/java', version: '21', prints: 'hello' }], 'KATAVM_AGENT_JAVA_PRINTS'],
])('a master whose record is %j is refused', async (java, code) => {
  controller = '2.541.3';
  await layMaster(java);
  await expect(plan()).rejects.toMatchObject({ code });
});
