import { readYaml } from '@katavm/core/document';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { approvalHash } from './approval-hash.js';
import { toCasc } from './casc.js';
import { defineNode, type NodeDefinition } from './node-definition.js';
import { changeNodeXml } from './node-xml.js';
import { toFormFields } from './ui-form.js';

const ssh = { host: 'host-a', port: 22, credentialsId: 'katavm' };
const input = { config: 'ubuntu24.04', name: 'vm1', labels: ['metrics', 'clean'], remoteFs: '/var/lib/jenkins' };
const byCommand = defineNode(input);
const bySsh = defineNode({ ...input, name: 'vm2', ssh });

test('the command is constant for a config, so that one approval lasts', () => {
  expect(byCommand.launcher).toEqual({ kind: 'command', command: 'katavm-jenkins-start ubuntu24.04' });
  expect(defineNode({ ...input, name: 'other' }).launcher).toEqual(byCommand.launcher);
});

test("Jenkins' own command becomes one argument of the hook under the SSH launcher", () => {
  expect(bySsh.launcher).toMatchObject({ prefix: "katavm-jenkins-start --node vm2 ubuntu24.04 '", suffix: "'" });
});

test('the approval hash is the one that Jenkins computes', () => {
  // printf 'system-command:katavm-jenkins-start ubuntu24.04' | sha512sum
  expect(approvalHash('katavm-jenkins-start ubuntu24.04')).toBe(
    'SHA512:50b6ce62326759547cd58ab6c8b69f21c201724b71f9ee1326b1ea605ed3a6b3510ced3888369e9d885582b20438e72b27f3d20589d43a2a154291338043e6ad',
  );
});

test('the YAML says for each launcher what was asked for', () => {
  const { value } = readYaml(toCasc([byCommand, bySsh]), { file: 'casc.yaml' });
  expect(value).toMatchObject({
    jenkins: {
      nodes: [
        {
          permanent: {
            name: 'vm1',
            labelString: 'metrics clean',
            mode: 'EXCLUSIVE',
            numExecutors: 1,
            remoteFS: '/var/lib/jenkins',
          },
        },
        {
          permanent: {
            launcher: {
              ssh: { host: 'host-a', port: 22, prefixStartSlaveCmd: expect.stringContaining("'"), suffixStartSlaveCmd: "'" },
            },
          },
        },
      ],
    },
    security: { scriptApproval: { approvedScriptHashes: [approvalHash('katavm-jenkins-start ubuntu24.04')] } },
  });
});

test('whatever stands in a name, the YAML gives it back', () => {
  const text = fc.string({ minLength: 1 }).filter((value) => !value.includes('${'));
  fc.assert(
    fc.property(text, text, (remoteFs, prefix) => {
      const node: NodeDefinition = { ...bySsh, remoteFs, launcher: { kind: 'ssh', ...ssh, prefix, suffix: "'" } };
      const { value } = readYaml(toCasc([node]), { file: 'casc.yaml' }) as {
        value: { jenkins: { nodes: { permanent: unknown }[] } };
      };
      expect(value.jenkins.nodes[0]?.permanent).toMatchObject({
        remoteFS: remoteFs,
        launcher: { ssh: { prefixStartSlaveCmd: prefix } },
      });
    }),
  );
});

test('every field of the form is named with its value', () => {
  const fields = new Map(toFormFields(bySsh).map(({ field, value }) => [field, value]));
  expect(fields.get('Number of executors')).toBe('1');
  expect(fields.get('Prefix Start Agent Command (Advanced)')).toBe("katavm-jenkins-start --node vm2 ubuntu24.04 '");
  expect(toFormFields(byCommand).at(-1)?.value).toBe(approvalHash('katavm-jenkins-start ubuntu24.04'));
});

test.each(['a/b', '..', 'x?', '<x>'])('%s is refused as a node name', (name) => {
  expect(() => defineNode({ ...input, name })).toThrow(expect.objectContaining({ code: 'KATAVM_JENKINS_NODE_INVALID' }));
});

const present = `<?xml version='1.1' encoding='UTF-8'?>
<slave>
  <name>vm2</name>
  <description>the &lt;new&gt; host</description>
  <remoteFS>/var/lib/jenkins</remoteFS>
  <numExecutors>2</numExecutors>
  <mode>EXCLUSIVE</mode>
  <retentionStrategy class="hudson.slaves.RetentionStrategy$Demand"><inDemandDelay>0</inDemandDelay><idleDelay>1</idleDelay></retentionStrategy>
  <launcher class="hudson.plugins.sshslaves.SSHLauncher" plugin="ssh-slaves@2.968">
    <host>host-a</host><port>22</port><credentialsId>katavm</credentialsId><jvmOptions>-Xmx1g</jvmOptions>
    <prefixStartSlaveCmd>start_gitvm.sh ubuntu16.04; echo &apos;Do not run:</prefixStartSlaveCmd>
    <suffixStartSlaveCmd>&apos;; stop_gitvm.sh ubuntu16.04</suffixStartSlaveCmd><launchTimeoutSeconds>600</launchTimeoutSeconds>
  </launcher>
  <label>clean  metrics</label>
  <nodeProperties><x/></nodeProperties>
</slave>`;

test('a node made for the original scripts is changed where it has to be, and nowhere else', () => {
  const { xml, changes } = changeNodeXml(present, bySsh);
  expect(changes.map(({ setting }) => setting)).toEqual([
    'numExecutors',
    'launcher.prefixStartSlaveCmd',
    'launcher.suffixStartSlaveCmd',
  ]);
  for (const kept of [
    '<jvmOptions>-Xmx1g</jvmOptions>',
    '<x/>',
    'the &lt;new',
    'ssh-slaves@2.968',
    '<label>clean  metrics</label>',
    '600',
  ])
    expect(xml).toContain(kept);
  expect(changeNodeXml(xml, bySsh).changes).toEqual([]);
});

test('another launcher replaces the whole of the old one', () => {
  const { xml, changes } = changeNodeXml(present, { ...byCommand, name: 'vm2' });
  expect(changes[0]).toMatchObject({ setting: 'launcher', to: 'hudson.slaves.CommandLauncher' });
  expect(xml).not.toContain('-Xmx1g');
  expect(xml).toContain('<agentCommand>katavm-jenkins-start ubuntu24.04</agentCommand>');
});

test('a page in the place of a configuration is told as such', () => {
  const code = 'KATAVM_JENKINS_NODE_UNREADABLE';
  expect(() => changeNodeXml('<html><br>Log in</html>', bySsh)).toThrow(expect.objectContaining({ code }));
  expect(() => changeNodeXml('', bySsh)).toThrow(expect.objectContaining({ code }));
  expect(() => changeNodeXml('<html/>', bySsh)).toThrow(expect.objectContaining({ code }));
});
