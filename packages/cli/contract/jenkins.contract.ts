import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ExecResult, exec } from '@katavm/core';
import { readYaml } from '@katavm/core/document';
import { afterEach, beforeEach, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const program = join(root, 'packages/cli/dist/bin/katavm.js');
const nodeXml = `<slave><remoteFS>/home/jenkins</remoteFS><numExecutors>2</numExecutors>
<launcher class="hudson.slaves.CommandLauncher"><agentCommand>start_gitvm.sh debian12</agentCommand></launcher></slave>`;

let folder: string;
let server: Server;
let calls: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'katavm-cli-jenkins-'));
  calls = [];
  server = createServer((request, response) => {
    calls.push(`${request.method} ${request.url}`);
    if (request.headers.authorization !== `Basic ${btoa('katavm:t0ken')}`) response.statusCode = 401;
    response.end(request.method === 'GET' ? nodeXml : '');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  await writeFile(join(folder, 'token'), 't0ken\n', { mode: 0o600 });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await writeFile(join(folder, 'jenkins.yaml'), `url: ${url}\nuser: katavm\ntokenFile: token\n`);
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true });
});

function katavm(...args: string[]): Promise<ExecResult> {
  const env = {
    KATAVM_CONFIGS: join(root, 'configs'),
    KATAVM_SITE: '',
    KATAVM_HOME: join(folder, 'state'),
    KATAVM_JENKINS_FILE: join(folder, 'jenkins.yaml'),
  };
  return exec(process.execPath, [program, 'jenkins', ...args], { cwd: folder, env, acceptExitCodes: [0, 1, 2, 3, 4, 5] });
}

test('node-config prints a fragment for Configuration as Code, both launchers and the approval, says that it is one, and asks nobody', async () => {
  const { stdout, exitCode } = await katavm('node-config', 'debian12', '--node', 'vm1', '--label', 'metrics', '--label', 'clean');
  expect(exitCode).toBe(0);
  expect(readYaml(stdout, { file: 'stdout' }).value).toMatchObject({
    jenkins: { nodes: [{ permanent: { name: 'vm1', labelString: 'metrics clean' } }] },
    security: { scriptApproval: { approvedScriptHashes: [expect.stringMatching(/^SHA512:[0-9a-f]{128}$/)] } },
  });
  expect(stdout).toContain(`prefixStartSlaveCmd: "katavm-jenkins-start --node vm1 debian12 '"`);
  expect(stdout).toMatch(/^# This is a fragment.*\n(#.*\n)*# approval that its files do not name/);
  expect(calls).toEqual([]);
});

test('apply shows the difference and changes nothing until it is told to', async () => {
  const shown = await katavm('apply', 'debian12', '--node', 'vm1');
  expect(shown.exitCode).toBe(2);
  expect(shown.stdout).toContain('  - numExecutors: 2\n  + numExecutors: 1\n');
  expect((await katavm('apply', 'debian12', '--node', 'vm1', '--dry-run')).exitCode).toBe(0);
  expect(calls.every((call) => call.startsWith('GET '))).toBe(true);
  const applied = await katavm('apply', 'debian12', '--node', 'vm1', '--yes');
  expect(applied.exitCode).toBe(0);
  expect(calls.at(-1)).toBe('POST /computer/vm1/config.xml');
  // The command is another than before: Jenkins wants it approved.
  expect(applied.stderr).toContain('script not yet approved for use');
  expect(applied.stderr).toMatch(/vm1: SHA512:[0-9a-f]{128}/);
});

test('a wrong token is told with its hint, and is shown nowhere', async () => {
  await writeFile(join(folder, 'token'), 'wr0ng');
  const { exitCode, stdout, stderr } = await katavm('apply', 'debian12');
  expect(exitCode).toBe(3);
  expect(stderr).toContain('error[KATAVM_JENKINS_REFUSED]');
  expect(stdout + stderr).not.toContain('wr0ng');
});

test('status without a Jenkins shows the launches of this host, and there are none', async () => {
  await rm(join(folder, 'jenkins.yaml'));
  await writeFile(join(folder, 'jenkins.yaml'), '');
  const { stdout, exitCode } = await katavm('status', '--json');
  expect({ exitCode, ...JSON.parse(stdout) }).toMatchObject({ exitCode: 0, nodes: [] });
});
