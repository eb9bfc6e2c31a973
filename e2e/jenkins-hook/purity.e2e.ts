import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { traces } from '../harness/traces.js';
import { bootlessConfig, layConfig, printingConfig, refusingConfig } from '../setup/minimal-master.js';
import { siteOver, startByShell, startHook, startProgram, temporaryFolder } from './hook.js';

/** KATAVM_E2E_LAUNCHES=100, for work on the tests: as many launches. */
const launches = Number(process.env['KATAVM_E2E_LAUNCHES'] ?? 500);
/** Two cores are enough for these: each lasts some tenths of a second. */
const atOnce = 4;

/** A launch that fails, or is made to print: shell text with $HOOK for the program, and its environment. */
interface Fault {
  readonly name: string;
  readonly text: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** stdin stays open, as Jenkins' does. */
  readonly open?: boolean;
  /** What the log says of it, where nothing else goes wrong beside it. */
  readonly says?: string;
}

/** Whatever can print, before and beside the hook's own code. */
async function noises(): Promise<readonly NonNullable<Fault['env']>[]> {
  const folder = await temporaryFolder();
  const loud = join(folder, 'loud.cjs');
  const prints = `console.log('console'); process.stdout.write('stdout\\n'); require('fs').writeSync(1, 'descriptor 1\\n');`;
  await writeFile(loud, `${prints}\nprocess.on('exit', () => { ${prints} });\nsetInterval(() => { ${prints} }, 20).unref();\n`);
  return [
    {},
    { NODE_OPTIONS: `--require ${loud}` },
    { NODE_OPTIONS: '--trace-warnings --pending-deprecation --trace-deprecation' },
    { NODE_DEBUG: 'net,fs,module,esm,child_process,stream,timer', NODE_DEBUG_NATIVE: 'MKSNAPSHOT,REALM' },
    { NODE_OPTIONS: '--no-such-option' },
    { DEBUG: '*', NODE_V8_COVERAGE: join(folder, 'coverage') },
  ];
}

async function faults(): Promise<readonly Fault[]> {
  const folder = await temporaryFolder();
  const broken = join(folder, 'broken');
  await mkdir(broken);
  await writeFile(join(broken, 'katavm.yaml'), 'version: 1\n  base: [\n');
  // Of its own: whichever config the project has, another test may have built.
  const unbuilt = join(folder, 'unbuilt');
  await layConfig(unbuilt);
  const mute = join(folder, 'bin');
  await mkdir(mute);
  await writeFile(join(mute, 'virsh'), '#!/bin/sh\necho a banner; echo an error >&2; exit 1\n');
  await chmod(join(mute, 'virsh'), 0o755);
  const nowhere = { LIBVIRT_DEFAULT_URI: 'qemu+unix:///system?socket=/nonexistent' };
  const site = await siteOver({ agent: { jar: join(folder, 'absent.jar') } });
  return [
    { name: 'no config of that name', text: '$HOOK nosuch', says: 'KATAVM_CONFIG_NOT_FOUND' },
    { name: 'a config that is no YAML', text: `$HOOK ${broken}`, says: 'KATAVM_YAML_INVALID' },
    { name: 'a config without a master', text: `$HOOK ${unbuilt} true`, open: true, says: 'KATAVM_MASTER_NOT_BUILT' },
    { name: 'no config named', text: '$HOOK', says: 'no config is named' },
    { name: 'an unknown option', text: '$HOOK --nosuch minimal', says: 'no option "--nosuch"' },
    { name: 'no duration', text: '$HOOK --boot-timeout soon minimal true', says: 'KATAVM_DURATION_INVALID' },
    { name: 'no libvirt', text: `$HOOK minimal true`, env: nowhere, open: true, says: 'KATAVM_LIBVIRT' },
    {
      name: 'a virsh that prints and fails',
      text: `$HOOK minimal true`,
      env: { PATH: `${mute}:${process.env['PATH']}` },
      open: true,
      says: 'KATAVM_',
    },
    { name: 'agent.jar absent', text: '$HOOK minimal', env: { KATAVM_SITE: site }, says: 'KATAVM_AGENT_JAR_MISSING' },
    {
      name: 'a controller that does not answer',
      text: '$HOOK minimal',
      open: true,
      env: { JENKINS_URL: 'http://127.0.0.1:1/' },
      says: 'KATAVM_AGENT_JAR_UNAVAILABLE',
    },
    {
      name: 'a site file that is not there',
      text: '$HOOK minimal',
      env: { KATAVM_SITE: join(folder, 'none.yaml') },
      says: 'KATAVM_SITE_NOT_FOUND',
    },
    {
      name: 'a home that is a file',
      text: '$HOOK minimal',
      env: { KATAVM_HOME: join(broken, 'katavm.yaml') },
      says: 'KATAVM_HOME_UNUSABLE',
    },
    { name: 'a home that is a device', text: '$HOOK minimal', env: { KATAVM_HOME: '/dev/full' }, says: 'KATAVM_HOME_UNUSABLE' },
    { name: 'no HOME', text: '$HOOK nosuch', env: { HOME: undefined }, says: 'KATAVM_CONFIG_NOT_FOUND' },
    { name: 'stderr closed', text: '$HOOK nosuch 2>&-' },
    { name: 'stderr that nobody reads', text: `bash -o pipefail -c '{ $HOOK nosuch 2>&1 >&3 3>&- | true; } 3>&1'` },
    { name: 'stdin closed', text: '$HOOK minimal <&-', says: 'KATAVM_JENKINS_INPUT_ENDED' },
    { name: 'stdout closed', text: '$HOOK nosuch >&-', says: 'KATAVM_CONFIG_NOT_FOUND' },
    {
      name: 'a boot failure',
      text: `$HOOK --boot-timeout 3s ${bootlessConfig} true`,
      open: true,
      says: 'KATAVM_GUEST_SILENT',
    },
    { name: 'ssh refused', text: `$HOOK ${refusingConfig} true`, open: true, says: 'KATAVM_SSH_REFUSED' },
    { name: 'a login shell that prints', text: `$HOOK ${printingConfig} true`, open: true, says: 'KATAVM_AGENT_SHELL_PRINTS' },
    { name: 'disk full', text: `${withFullDisk} minimal true`, open: true, says: 'KATAVM_DISK_FULL' },
    {
      name: 'the gate without a node',
      text: '$HOOK minimal true',
      open: true,
      env: { ...gateAt('http://127.0.0.1:1/'), NODE_NAME: undefined },
      says: 'KATAVM_JENKINS_NODE_UNKNOWN',
    },
    {
      name: 'the gate without Jenkins',
      text: '$HOOK minimal true',
      open: true,
      env: gateAt('http://127.0.0.1:1/'),
      says: 'KATAVM_JENKINS_UNREACHABLE',
    },
    { name: 'a signal at once', text: `$HOOK minimal true & kill -TERM $!; wait $!` },
  ];
}

/**
 * The hook, where the clones' disk has no room: seen by it alone. Root needs no user namespace for a mount; in one it could not pass
 * another user's closed home, where the checkout may be.
 */
const ownMounts = process.getuid?.() === 0 ? 'unshare --mount' : 'unshare --mount --map-root-user';
const withFullDisk = `${ownMounts} sh -c 'mount -t tmpfs -o size=4k none "$KATAVM_HOME/clones" && exec "$HOOK" "$@"' sh`;

function gateAt(url: string): NonNullable<Fault['env']> {
  const connection = { KATAVM_JENKINS_URL: url, KATAVM_JENKINS_USER: 'user', KATAVM_JENKINS_TOKEN: 'token' };
  return { ...connection, KATAVM_JENKINS_SINGLE_USE: 'gate', NODE_NAME: 'gated' };
}

describe("stdout is the agent's alone", () => {
  test(`in ${launches} launches that fail, at every step and whatever else prints, it stays empty`, async () => {
    const [every, loud] = await Promise.all([faults(), noises()]);
    const cases = Array.from({ length: launches }, (_, index) => ({
      fault: every[index % every.length] as Fault,
      env: loud[Math.floor(index / every.length) % loud.length],
    }));
    const stained: string[] = [];
    const workers = Array.from({ length: atOnce }, async () => {
      for (let next = cases.shift(); next; next = cases.shift()) {
        const { name, text } = next.fault;
        const hook = startByShell(text, { HOOK: startProgram, ...next.fault.env, ...next.env });
        if (!next.fault.open) hook.stdin.end();
        const { exitCode } = await hook.ended;
        const [says, alone] = [next.fault.says ?? '', next.env === loud[0]];
        if (hook.output().length > 0 || exitCode === 0 || (alone && !hook.log().includes(says))) {
          stained.push(
            `${name} (${JSON.stringify(next.env)}): exit code ${exitCode}, stdout ${JSON.stringify(String(hook.output()))}\n${hook.log()}`,
          );
        }
      }
    });
    await Promise.all(workers);
    expect(stained).toEqual([]);
    expect(await traces('minimal')).toEqual([]);
  });

  test("in a launch that works, it is exactly the agent's bytes, with stderr closed and everything that can print printing", async () => {
    const every = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    const [, loud] = await noises();
    const env = { ...loud, HOOK: startProgram, NODE_DEBUG: 'net,child_process,stream' };
    const hooks = ['$HOOK minimal "head -c 256" 2>&-', '$HOOK minimal "head -c 256"'].map((text) => startByShell(text, env));
    for (const hook of hooks) hook.stdin.write(every);
    for (const hook of hooks) {
      expect((await hook.ended).exitCode, hook.log()).toBe(0);
      expect(hook.output()).toEqual(every);
    }
    expect(await traces('minimal')).toEqual([]);
  });
});

test('--version and --help answer whoever asks by hand', async () => {
  expect((await answerOf('--version')).trim()).toMatch(/^\d+\.\d+\.\d+/);
  expect(await answerOf('--help')).toContain('usage: katavm-jenkins-start');
});

async function answerOf(option: string): Promise<string> {
  const hook = startHook([option]);
  await hook.ended;
  return hook.output().toString();
}
