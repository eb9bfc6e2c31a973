import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { exec, waitFor } from '@katavm/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { katavm, startKatavm, testHome } from '../harness/katavm.js';
import { searchFile } from '../harness/search-disk.js';
import { chosen, seed } from '../harness/seed.js';
import { runningGuests, traces } from '../harness/traces.js';
import { openPrivateHost, type PrivateHost, whyNoPrivateHost } from '../network/private-host.js';

/** What tells one guest from another, as the guest sees it: one line for each. */
const look = [
  'hostname',
  'cat /etc/machine-id',
  'cat /proc/sys/kernel/random/boot_id',
  'cat /run/katavm/ssh_host_ed25519_key.pub',
  'head -c 32 /dev/urandom | base64',
  'awk \'$2 == "/" {print $1}\' /proc/mounts | head -n 1',
  'cat /sys/class/net/en*/address',
  "ip -4 -o address show scope global dev $(basename /sys/class/net/en*) | awk '{print $4}'",
].join('; ');

const restored = expect.stringMatching(/restore .*: done/);

/** The tests of clones that come from a template; each stands on the one before. The config's master is there. */
export function testsOfRestoredClones(config: string): void {
  const templates = () => join(testHome(), 'templates', config);
  const run = (script: string, env = {}) => katavm(['run', config, '--start', 'template', '--', 'sh', '-c', script], { env });

  test('a template is taken of a clone that nobody used, and nothing of that clone is left', async () => {
    const taken = await katavm(['master', 'template', config, '--json']);
    expect(taken, taken.stderr).toMatchObject({ exitCode: 0 });
    const { directory } = JSON.parse(taken.stdout) as { directory: string };
    expect((await readdir(directory)).sort()).toEqual(['disk.qcow2', 'memory', 'state', 'template.json']);
    expect(await runningGuests()).toEqual([]);
    expect(await traces(config)).toEqual([]);
  });

  test('two clones of one template are two machines, for themselves and for others', async () => {
    const runs = await Promise.all([run(look), run(look)]);
    for (const result of runs) expect(result).toMatchObject({ exitCode: 0, stderr: restored });
    const [one = [], two = []] = runs.map(({ stdout }) => stdout.split('\n'));
    expect(one).toHaveLength(8);
    const names = ['hostname', 'machine-id', 'boot-id', 'host key', 'random bytes'];
    for (const [index, name] of names.entries()) expect(one[index], name).not.toBe(two[index]);
    expect(one[0]).toMatch(new RegExp(`^${config}-[0-9a-f]{10}$`));
    expect(one[1]).toMatch(/^[0-9a-f]{32}$/);
    expect(await traces(config)).toEqual([]);
  });

  test("a restored clone's clock is that of its host when it is handed out", async () => {
    const clone = startKatavm(['run', config, '--start', 'template', '--', 'sh', '-c', 'echo ready; read -r _; date +%s.%N']);
    clone.stderr.resume();
    let said = '';
    clone.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    const line = (number: number) => ({
      name: `line ${number} of the clone`,
      probe: async () => (said.split('\n').length > number ? said.split('\n')[number - 1] : undefined),
      timeoutMilliseconds: 120_000,
      hint: 'it was not restored',
    });
    await waitFor(line(1));
    const before = Date.now() / 1000;
    clone.stdin.end('\n');
    const guest = Number(await waitFor(line(2)));
    const after = Date.now() / 1000;
    expect(await clone.ended).toMatchObject({ exitCode: 0 });
    expect(guest).toBeGreaterThan(before - 0.5);
    expect(guest).toBeLessThan(after + 0.5);
  });

  test('a restored clone starts with no job, no agent and no login of anybody in it', async () => {
    const { stdout } = await run(
      'who; ps -eo user:20,comm --no-headers; systemctl is-active katavm-wake; systemctl --failed --quiet',
    );
    const rows = stdout.split('\n');
    // This very session.
    expect(rows.filter((row) => /^jenkins +sshd/.test(row))).toHaveLength(1);
    expect(rows.filter((row) => /java|sysbench/.test(row))).toEqual([]);
    expect(rows.at(-1)).toBe('inactive');
  });

  test("the memory image holds no key of the config's, nor of any clone", async () => {
    const [name = ''] = await readdir(templates());
    const key = await readFile(join(testHome(), 'keys', 'katavm.pub'), 'utf8');
    const hostKey = (
      await run('sudo cat /run/katavm/ssh_host_ed25519_key; cat /run/katavm/ssh_host_ed25519_key.pub')
    ).stdout.split('\n');
    const secrets = [key.split(' ')[1] ?? '', hostKey[3] ?? '', hostKey.at(-1)?.split(' ')[1] ?? ''];
    const files = ['memory', 'state', 'disk.qcow2'].map((file) => searchFile(join(templates(), name, file), secrets));
    expect(await Promise.all(files)).toEqual(files.map(() => [0, 0, 0]));
  });

  test.each([/clone .*: done/, /restore .*: done/, /wake .*: done/, /command .* …/])(
    'a katavm that is killed while it restores a clone, at "%s", leaves nothing that gc does not take',
    async (when) => {
      await killed(['run', config, '--start', 'template', '--', 'sleep', '600'], when);
      await expectNothingLeft();
    },
  );

  test('a template that does not fit is not used, and one whose memory was written is refused by its digest', async () => {
    const site = join(testHome(), 'small-site.yaml');
    await writeFile(site, 'vm: {memory: 1GiB}\n');
    // What boots in its place is not waited for.
    const cold = (env = {}) => katavm(['run', config, '--start', 'template', '--boot-timeout', '1s', '--', 'true'], { env });
    expect((await cold({ KATAVM_SITE: site })).stderr).toContain('the memory is 1024 MiB, and was 2048 MiB when it was taken');
    const [name = ''] = await readdir(templates());
    const memory = join(templates(), name, 'memory');
    const write = (byte: string) => exec('dd', [`of=${memory}`, 'bs=1', 'seek=4096', 'conv=notrunc'], { input: byte });
    const { stdout: was } = await exec('sh', ['-c', `dd if=${memory} bs=1 skip=4096 count=1 | od -An -tu1`]);
    await write(String.fromCharCode((Number(was) + 1) % 128));
    expect((await cold()).stderr).toMatch(/warning: the memory image .* is not what was taken: .*memory has the digest/);
    expect(await traces(config)).toEqual([]);
  });

  // It has to boot for each of these.
  test.each([
    [/start .*: done/, 0],
    [/warm .* …/, 3000],
    [/take memory image .* …/, 500],
  ])(
    `a katavm that is killed while it takes a template, at "%s" or up to %i ms later (seed ${seed}), leaves nothing that gc does not take`,
    async (when, milliseconds) => {
      await killed(['master', 'template', config], when, chosen(`taking ${when}`, milliseconds + 1));
      expect(await readdir(templates())).toEqual(['partial']);
      await expectNothingLeft();
      expect(await readdir(join(testHome(), 'templates'))).toEqual([]);
    },
  );

  async function expectNothingLeft(): Promise<void> {
    await waitFor({
      name: 'libvirt to end what died with katavm',
      probe: async () => ((await runningGuests()).length === 0 ? true : undefined),
      timeoutMilliseconds: 30_000,
      hint: 'autodestroy',
    });
    await katavm(['gc']);
    expect(await traces(config)).toEqual([]);
  }

  testsOnSharedNetwork(config);
}

const reason = await whyNoPrivateHost();

/** On a libvirt network the clones of one template are on one wire. */
function testsOnSharedNetwork(config: string): void {
  describe.skipIf(reason)(`on a shared network${reason === undefined ? '' : `: skipped, since ${reason}`}`, () => {
    const network = 'katavm-lab';
    let host: PrivateHost;
    beforeAll(async () => {
      host = await openPrivateHost();
    });
    afterAll(() => host?.close());

    test('two clones of one template have an address of their own, to the network and to the host', async () => {
      const file = join(testHome(), `${network}.xml`);
      const range = `<dhcp><range start='192.0.2.2' end='192.0.2.254'/></dhcp>`;
      const bridge = `<forward mode='nat'/><bridge name='${network}'/>`;
      await writeFile(
        file,
        `<network><name>${network}</name>${bridge}<ip address='192.0.2.1' netmask='255.255.255.0'>${range}</ip></network>`,
      );
      for (const words of [
        ['net-define', file],
        ['net-start', network],
      ])
        await host.run('virsh', ['-c', 'qemu:///system', ...words]);
      const site = join(testHome(), 'lab-site.yaml');
      await writeFile(site, JSON.stringify({ vm: { network: { network } } }));
      const inside = (...args: string[]) => katavm(args, { within: host.within, env: { KATAVM_SITE: site } });
      const taken = await inside('master', 'template', config);
      expect(taken, taken.stderr).toMatchObject({ exitCode: 0 });
      const runs = await Promise.all([1, 2].map(() => inside('run', config, '--start', 'template', '--', 'sh', '-c', look)));
      for (const result of runs) expect(result).toMatchObject({ exitCode: 0, stderr: restored });
      const [one = [], two = []] = runs.map(({ stdout }) => stdout.split('\n'));
      for (const [index, what] of [
        [6, 'MAC address'],
        [7, 'IP address'],
      ] as const) {
        expect(one[index], what).toMatch(index === 6 ? /^52:54:00:/ : /^192\.0\.2\./);
        expect(one[index], what).not.toBe(two[index]);
      }
    });
  });
}

/** Ends katavm by SIGKILL so long after it has said this. */
async function killed(args: readonly string[], when: RegExp, milliseconds = 0): Promise<void> {
  const process = startKatavm(args);
  process.stdout.resume();
  let said = '';
  process.stderr.setEncoding('utf8');
  while (!when.test(said)) said += (await once(process.stderr, 'data'))[0];
  await pause(milliseconds);
  process.kill('SIGKILL');
  await process.ended;
}
