import { waitFor } from '@katavm/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { planNodes } from '../src/nodes/apply-nodes.js';
import { approvalHash } from '../src/nodes/approval-hash.js';
import { drainNode, undrainNode } from '../src/nodes/drain-node.js';
import { defineNode } from '../src/nodes/node-definition.js';
import { nodeStatus } from '../src/nodes/node-status.js';
import { JenkinsClient } from '../src/rest/jenkins-client.js';
import { requireJenkins } from '../src/rest/settings.js';
import { StandInJenkins, token, user } from '../src/testing/index.js';

let jenkins: StandInJenkins;
let client: JenkinsClient;

beforeEach(async () => {
  jenkins = new StandInJenkins();
  await jenkins.start();
  const settings = { KATAVM_JENKINS_URL: jenkins.url, KATAVM_JENKINS_USER: user, KATAVM_JENKINS_TOKEN: token };
  client = new JenkinsClient(await requireJenkins({ KATAVM_JENKINS_FILE: '', ...settings }));
});
afterEach(() => jenkins.stop());

const node = defineNode({ config: 'ubuntu24.04', name: 'vm 1', labels: ['metrics'], remoteFs: '/var/lib/jenkins' });
const written = `<?xml version='1.1' encoding='UTF-8'?>
<slave><name>vm 1</name><remoteFS>/var/lib/jenkins</remoteFS><numExecutors>1</numExecutors><mode>EXCLUSIVE</mode>
<retentionStrategy class="hudson.slaves.RetentionStrategy$Demand"><inDemandDelay>0</inDemandDelay><idleDelay>1</idleDelay></retentionStrategy>
<launcher class="hudson.slaves.CommandLauncher" plugin="command-launcher@107"><agentCommand>katavm-jenkins-start ubuntu24.04</agentCommand></launcher>
<label>metrics</label><nodeProperties/></slave>`;

async function apply(): Promise<string[]> {
  const planned = await planNodes(client, [node]);
  for (const each of planned) await each.apply();
  return planned.map(({ action }) => action);
}

test('a node that is not there is created as the web form would, one that is as it should be is left alone', async () => {
  expect(await apply()).toEqual(['create']);
  expect(jenkins.created).toMatchObject([
    { name: 'vm 1', form: { numExecutors: '1', launcher: { command: 'katavm-jenkins-start ubuntu24.04' } } },
  ]);
  const made = jenkins.nodes.get('vm 1');
  if (made) made.config = written;
  const before = jenkins.calls.length;
  expect(await apply()).toEqual(['unchanged']);
  expect(jenkins.calls.slice(before)).toEqual(['GET /computer/vm 1/config.xml']);
});

test('a node that differs is changed, and is the same the next time', async () => {
  jenkins.addNode('vm 1').config = written.replace('>1</numExecutors>', '>4</numExecutors>').replace('24.04', '16.04');
  const [planned] = await planNodes(client, [node]);
  expect(planned?.changes).toEqual([
    { setting: 'numExecutors', from: '4', to: '1' },
    { setting: 'launcher.agentCommand', from: 'katavm-jenkins-start ubuntu16.04', to: 'katavm-jenkins-start ubuntu24.04' },
  ]);
  expect(await apply()).toEqual(['update']);
  expect(await apply()).toEqual(['unchanged']);
});

test('making a plan changes nothing', async () => {
  jenkins.addNode('vm 1').config = written.replace('24.04', '16.04');
  await planNodes(client, [node, defineNode({ config: 'x', name: 'vm2', labels: [], remoteFs: '/x' })]);
  expect(jenkins.calls.every((call) => call.startsWith('GET '))).toBe(true);
});

test("every node is shown with its build and this host's clone, the controller's own aside", async () => {
  jenkins.addNode('Built-In Node');
  const busy = jenkins.addNode('vm1');
  busy.connect();
  busy.running = { url: 'job/a/7/', work: async () => {} };
  busy.assigned = busy.running;
  jenkins.addNode('vm2').temporarilyOffline = true;
  const launch = { version: 1, config: 'c', started: '2024-05-01T10:00:00.000Z', pid: 1, startTicks: 1, bootId: '' } as const;
  const status = await nodeStatus(client, [
    { ...launch, node: 'vm1', clone: 'c-1' },
    { ...launch, node: 'elsewhere', clone: 'c-2' },
  ]);
  expect(status.map(({ node, state, build, clone }) => [node, state, build, clone])).toEqual([
    ['vm1', 'building', 'job/a/7/', 'c-1'],
    ['vm2', 'offline', undefined, undefined],
    ['elsewhere', 'unknown', undefined, 'c-2'],
  ]);
});

test('a drained node takes no further build, ends the one it has, and lets its clone go; undone, it is launched', async () => {
  const drained = jenkins.addNode('vm1');
  drained.connect();
  let end = () => {};
  const told = new Promise<void>((resolve) => {
    end = resolve;
  });
  const build = drained.run({ url: 'job/a/1/', work: () => told });
  await waitFor({ name: 'the build', probe: async () => drained.running, timeoutMilliseconds: 5000, hint: '' });
  const draining = drainNode({ client, node: 'vm1', reason: 'a new disk', timeoutMilliseconds: 30_000 });
  await waitFor({
    name: 'the mark',
    probe: async () => drained.temporarilyOffline || undefined,
    timeoutMilliseconds: 5000,
    hint: '',
  });
  expect(drained).toMatchObject({ connected: true, offlineReason: 'drained: a new disk', acceptsBuilds: false });
  end();
  await Promise.all([build, draining]);
  expect(drained.connected).toBe(false);
  expect(await undrainNode({ client, node: 'vm1', gate: true })).toBe(true);
  expect(drained).toMatchObject({ temporarilyOffline: false, launches: 1 });
});

test('undone after a restart that hid the mark, a node is online for good, and is shown as what it is', async () => {
  const drained = jenkins.addNode('vm1');
  await client.setOffline('vm1', 'drained: x');
  drained.restartOld();
  expect((await client.nodeState('vm1')).temporarilyOffline).toBe(false);
  expect(await undrainNode({ client, node: 'vm1', gate: false })).toBe(true);
  drained.connect();
  expect(drained).toMatchObject({ temporarilyOffline: false, acceptsBuilds: true });
});

test('a launch command that Jenkins does not know yet is said to wait for approval, by its hash; a changed label is not', async () => {
  const approvals = async () => (await planNodes(client, [node])).map(({ approval }) => approval);
  expect(await approvals()).toEqual([approvalHash('katavm-jenkins-start ubuntu24.04')]);
  jenkins.addNode('vm 1').config = written.replace('ubuntu24.04', 'ubuntu16.04');
  expect(await approvals()).toEqual([approvalHash('katavm-jenkins-start ubuntu24.04')]);
  const [present] = [jenkins.nodes.get('vm 1')];
  if (present) present.config = written.replace('>metrics<', '>other<');
  expect(await approvals()).toEqual([undefined]);
});

test('a node is not put online in the middle of a build behind the gate: the gate does it afterwards', async () => {
  const busy = jenkins.addNode('vm1');
  busy.connect();
  void busy.run({ url: 'job/a/1/', work: () => new Promise<void>(() => {}) });
  await waitFor({ name: 'the build', probe: async () => busy.running, timeoutMilliseconds: 5000, hint: '' });
  await client.setOffline('vm1', 'drained: x');
  expect(await undrainNode({ client, node: 'vm1', gate: true })).toBe(false);
  expect(busy.temporarilyOffline).toBe(true);
  expect(busy.offlineReason).toContain('katavm gate');
});
