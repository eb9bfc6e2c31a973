import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { JenkinsClient } from '../src/rest/jenkins-client.js';
import { loadJenkinsSettings, requireJenkins } from '../src/rest/settings.js';
import { StandInJenkins, token, user } from '../src/testing/index.js';

const name = 'vm 1-ü';
let jenkins: StandInJenkins;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'katavm-rest-'));
  jenkins = new StandInJenkins();
  await jenkins.start();
  jenkins.addNode(name);
});
afterEach(async () => {
  await jenkins.stop();
  await rm(folder, { recursive: true });
});

const environment = (secret = token) => ({
  KATAVM_JENKINS_FILE: '',
  KATAVM_JENKINS_URL: jenkins.url,
  KATAVM_JENKINS_USER: user,
  KATAVM_JENKINS_TOKEN: secret,
});
const client = async (secret?: string) => new JenkinsClient(await requireJenkins(environment(secret)));

test("a node's state is read, whatever its name", async () => {
  const state = await (await client()).nodeState(name);
  expect(state).toMatchObject({ idle: true, builds: [], connected: false, temporarilyOffline: false, executors: 1 });
});

test('a POST that Jenkins answers with a redirect has succeeded, and is not followed', async () => {
  await (await client()).setOffline(name, 'a : reason & more');
  expect(jenkins.nodes.get(name)?.offlineReason).toBe('a : reason & more');
  expect(jenkins.calls).toEqual([`POST /computer/${name}/changeOfflineCause`]);
});

test('what may be repeated is, after a reset, a lost answer and a start page', async () => {
  const faults = ['reset', 'unavailable', undefined, 'lost', 'reset'] as const;
  let call = 0;
  jenkins.fault = () => faults[call++];
  await (await client()).nodeState(name);
  await (await client()).setOffline(name, 'x');
  expect(jenkins.calls).toHaveLength(6);
});

test('a toggle and a launch are never repeated', async () => {
  jenkins.fault = () => 'lost';
  await expect((await client()).toggleOffline(name)).rejects.toMatchObject({ code: 'KATAVM_JENKINS_UNREACHABLE' });
  await expect((await client()).launch(name)).rejects.toMatchObject({ code: 'KATAVM_JENKINS_UNREACHABLE' });
  expect(jenkins.calls).toHaveLength(2);
  expect(jenkins.nodes.get(name)).toMatchObject({ temporarilyOffline: true, launches: 1 });
});

test.each([
  ['a wrong token', async () => (await client('wrong')).nodeState(name), 'KATAVM_JENKINS_REFUSED'],
  ['a password in the place of a token', async () => (await client('password')).setOffline(name, 'x'), 'KATAVM_JENKINS_REFUSED'],
  ['an unknown node', async () => (await client()).nodeState('other'), 'KATAVM_JENKINS_NODE_MISSING'],
  ['a node named ..', async () => (await client()).nodeState('..'), 'KATAVM_JENKINS_NODE_MISSING'],
])('%s is told as such, at once', async (_, call, code) => {
  const error = await call().catch((thrown) => thrown);
  expect(error).toMatchObject({ code });
  expect(error.message).not.toContain(token);
  expect(jenkins.calls.length).toBeLessThan(2);
});

test('a password in the place of a token gets the advice to make one', async () => {
  const error = await (await client('password')).setOffline(name, 'x').catch((thrown) => thrown);
  expect(error.hint).toContain('API token');
});

test.each([
  ['hudson.model.Computer.Connect', 'Agent/Connect', 'Agent/Connect'],
  ['hudson.model.Computer.ExtendedRead', 'Agent/ExtendedRead', 'Agent/Configure'],
  ['hudson.model.Hudson.Read', 'Overall/Read', 'Overall/Read'],
  ['com.example.Own.Do', 'com.example.Own/Do', 'com.example.Own/Do'],
])(
  'a missing permission (%s) is named, and no crumb is spoken of, though the page names its header',
  async (permission, name_, advice) => {
    jenkins.forbidden = ['changeOfflineCause'];
    jenkins.permission = permission;
    const error = await (await client()).setOffline(name, 'x').catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'KATAVM_JENKINS_REFUSED', details: { permission: name_ } });
    expect(error.message).toContain(`missing the permission ${name_}`);
    expect(error.hint).toContain(advice);
    expect(error.hint).not.toContain('crumb');
  },
);

test('a reason is read as it was written, though Jenkins gives it escaped for HTML', async () => {
  const reason = `a "new" <disk> & 'more' &lt;`;
  await (await client()).setOffline(name, reason);
  expect((await (await client()).nodeState(name)).offlineReason).toBe(reason);
  expect((await (await client()).listNodes())[0]?.offlineReason).toBe(reason);
});

test.each(['login', 'page'] as const)("a %s in front of Jenkins is not taken for Jenkins' answer", async (fault) => {
  jenkins.fault = () => fault;
  await expect((await client()).nodeState(name)).rejects.toMatchObject({ code: 'KATAVM_JENKINS_NOT_JENKINS' });
});

test('a single sign-on that answers a POST with a redirect is not taken for success', async () => {
  jenkins.fault = () => 'login';
  await expect((await client()).setOffline(name, 'x')).rejects.toMatchObject({ code: 'KATAVM_JENKINS_NOT_JENKINS' });
});

test('a Jenkins that is not there is named with its URL', async () => {
  await jenkins.stop();
  const error = await (await client()).nodeState(name).catch((thrown) => thrown);
  expect(error).toMatchObject({ code: 'KATAVM_JENKINS_UNREACHABLE' });
  expect(error.message).toContain('127.0.0.1');
});

test('an answer that does not come in time ends the attempt, and an abort ends the call', async () => {
  jenkins.fault = () => 'slow';
  const call = (await client()).nodeState(name, { timeoutMilliseconds: 20, attempts: 1 });
  await expect(call).rejects.toMatchObject({ code: 'KATAVM_JENKINS_UNREACHABLE' });
  const stop = new AbortController();
  const aborted = (await client()).nodeState(name, { signal: stop.signal });
  stop.abort();
  await expect(aborted).rejects.toMatchObject({ code: 'KATAVM_INTERRUPTED' });
});

test('an answer that stops in the middle, or has no end, ends as a failure of that call alone', async () => {
  const made = await client();
  jenkins.fault = () => 'half';
  const options = { timeoutMilliseconds: 50, attempts: 1 };
  await expect(made.nodeState(name, options)).rejects.toMatchObject({ code: 'KATAVM_JENKINS_UNREACHABLE' });
  jenkins.fault = () => 'endless';
  await expect(made.nodeState(name)).rejects.toMatchObject({ code: 'KATAVM_JENKINS_NOT_JENKINS' });
  jenkins.fault = () => undefined;
  await made.nodeState(name);
});

async function withTokenFile(mode: number, text = `${token}\n`): Promise<JenkinsClient> {
  const file = join(folder, 'jenkins.yaml');
  await writeFile(file, `url: ${jenkins.url.slice(0, -1)}\nuser: ${user}\ntokenFile: token\nsingleUse: gate\n`);
  await writeFile(join(folder, 'token'), text);
  await chmod(join(folder, 'token'), mode);
  const settings = await loadJenkinsSettings({ KATAVM_JENKINS_FILE: file });
  expect(settings.singleUse).toBe('gate');
  if (!settings.connection) throw new Error('no connection');
  return new JenkinsClient(settings.connection);
}

test('the token is read from a file of its owner alone, beside the settings, anew for every call', async () => {
  const made = await withTokenFile(0o600, 'old');
  await expect(made.nodeState(name)).rejects.toMatchObject({ code: 'KATAVM_JENKINS_REFUSED' });
  await writeFile(join(folder, 'token'), token);
  await made.nodeState(name);
});

test.each([0o640, 0o604, 0o644])('a token file of mode %i is refused, and nothing is sent', async (mode) => {
  const made = await withTokenFile(mode);
  await expect(made.nodeState(name)).rejects.toMatchObject({ code: 'KATAVM_JENKINS_TOKEN_EXPOSED', exitCode: 2 });
  expect(jenkins.calls).toEqual([]);
});

test.each([
  [{ KATAVM_JENKINS_URL: 'ftp://example.org/' }],
  [{ KATAVM_JENKINS_URL: 'https://me:secret@example.org/' }],
  [{ KATAVM_JENKINS_USER: '' }],
  [{ KATAVM_JENKINS_SINGLE_USE: 'perhaps' }],
])('settings that cannot be meant are refused: %o', async (wrong) => {
  const error = await loadJenkinsSettings({ ...environment(), ...wrong }).catch((thrown) => thrown);
  expect(error).toMatchObject({ code: 'KATAVM_JENKINS_SETTINGS_INVALID' });
  expect(error.message).not.toContain('secret');
});

test('a host that is told of no Jenkins is none', async () => {
  expect(await loadJenkinsSettings({ KATAVM_JENKINS_FILE: '' })).toEqual({ connection: undefined, singleUse: 'controller' });
});
