import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { randomData, seed } from '../harness/seed.js';
import { traces } from '../harness/traces.js';
import { siteOver, startByShell, startHook, startProgram, stopProgram, temporaryFolder } from './hook.js';
import { agentLayer, agentScript, Controller, jenkinsCommand, preamble } from './stand-in.js';

/** KATAVM_E2E_CHANNEL=small, for work on the tests: an emulated guest moves 5 MB/s, and the whole takes a minute or two. */
const small = process.env['KATAVM_E2E_CHANNEL'] === 'small';
const bytes = small ? 16e6 : 200e6;
const roundTrips = small ? 1000 : 10_000;

describe('the channel of a command launcher', () => {
  test(`carries remoting's frames both ways unchanged, and the agent's own jar comes from the controller once (seed ${seed})`, async () => {
    const jenkins = await standInJenkins();
    const site = await siteOver({ agent: agentLayer });
    const env = { KATAVM_SITE: site, JENKINS_URL: jenkins.url, NODE_NAME: 'channel' };
    const hook = startHook(['minimal'], env);
    const controller = new Controller(hook);
    await controller.open();
    for (let count = 0; count < roundTrips; count++) {
      const payload = randomData(`trip ${count}`, 1 + (count % 64));
      if (!(await controller.roundTrip(payload)).equals(payload)) throw new Error(`round trip ${count} came back changed`);
    }
    const { sent, received } = await controller.exchange(randomData('exchange', bytes));
    expect(received).toBe(sent);
    hook.stdin.end();
    expect((await hook.ended).exitCode).toBe(0);
    expect(hook.log()).toContain('agent: up');
    expect(await traces('minimal')).toEqual([]);

    const again = startHook(['minimal'], env);
    await new Controller(again).open();
    again.stdin.end();
    expect((await again.ended).exitCode).toBe(0);
    expect(jenkins.answers).toEqual([200, 304]);
  });
});

describe('the channel of SSH Build Agents', () => {
  test("runs Jenkins' own command in the guest, with the jar that Jenkins put on this host", async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'remoting.jar'), agentScript);
    const hook = startByShell(`${startProgram} minimal '${jenkinsCommand(folder)}'`);
    const controller = new Controller(hook);
    await controller.open();
    expect(await controller.roundTrip(Buffer.from('frame'))).toEqual(Buffer.from('frame'));
    hook.stdin.end();
    expect((await hook.ended).exitCode).toBe(0);
    expect(await traces('minimal')).toEqual([]);
  });

  test("runs the config's agent with the prefix and suffix of the original scripts, whose stop is not needed", async () => {
    const jar = join(await temporaryFolder(), 'agent.jar');
    await writeFile(jar, agentScript);
    const site = await siteOver({ agent: { ...agentLayer, jar } });
    const text = `${startProgram} minimal; echo 'Do not run:cd "/x" && java -jar remoting.jar'; ${stopProgram} minimal`;
    const hook = startByShell(text, { KATAVM_SITE: site });
    const controller = new Controller(hook);
    await controller.open();
    hook.stdin.end();
    expect((await hook.ended).exitCode).toBe(0);
    const all = Buffer.concat([preamble, Buffer.from('Do not run:cd "/x" && java -jar remoting.jar\n')]);
    expect(hook.output()).toEqual(all);
    expect(await traces('minimal')).toEqual([]);
  });

  test("explains an agent that ends with a JVM's word that it is too old for the classes that it was given", async () => {
    const words =
      'java.lang.UnsupportedClassVersionError: hudson/slaves/SlaveComputer$SlaveVersion has been compiled by a more recent version of the ' +
      'Java Runtime (class file version 65.0), this version of the Java Runtime only recognizes class file versions up to 61.0';
    const hook = startHook(['minimal', `printf '\\t%s\\n' '${words}' >&2; exit 1`]);
    expect((await hook.ended).exitCode).toBe(1);
    expect(hook.log()).toMatch(
      /error\[KATAVM_AGENT_JAVA_OLD\]: the class hudson.*SlaveVersion.* needs Java 21, and .* is Java 17/,
    );
    expect(hook.output()).toHaveLength(0);
  });

  test('says before it starts the agent that the guest has no such Java', async () => {
    const folder = await temporaryFolder();
    const hook = startHook(['minimal', `cd "${folder}" && /usr/lib/jvm/none/bin/java -jar remoting.jar -workDir ${folder}`]);
    expect((await hook.ended).exitCode).toBe(125);
    expect(hook.log()).toContain('KATAVM_AGENT_JAVA_MISSING');
    expect(hook.output()).toHaveLength(0);
    expect(await traces('minimal')).toEqual([]);
  });
});

/** The one page of a controller that a hook asks for without the gate. */
async function standInJenkins() {
  const answers: number[] = [];
  const server = createServer((request, response) => {
    const status = request.url !== '/jenkins/jnlpJars/agent.jar' ? 404 : request.headers['if-none-match'] === '"1"' ? 304 : 200;
    answers.push(status);
    response.writeHead(status, { etag: '"1"' });
    response.end(status === 200 ? agentScript : undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jenkins/`, answers };
}
