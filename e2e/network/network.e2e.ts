import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exec } from '@katavm/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { katavm, testHome } from '../harness/katavm.js';
import { traces } from '../harness/traces.js';
import { dhcpConfig, minimalConfig } from '../setup/minimal-master.js';
import { openPrivateHost, type PrivateHost, whyNoPrivateHost } from './private-host.js';

const lab = { network: 'katavm-lab' };
const lan = { bridge: 'katavm-lan' };
const virsh = (...words: string[]) => host.run('virsh', ['-c', 'qemu:///system', '--quiet', ...words]);
let host: PrivateHost;

const reason = await whyNoPrivateHost();

// Each test stands on the one before.
describe.skipIf(reason)(`networks of the host${reason === undefined ? '' : `: skipped, since ${reason}`}`, () => {
  beforeAll(async () => {
    host = await openPrivateHost();
  });
  afterAll(() => host?.close());

  test('doctor tells what a network lacks, until nothing is missing', async () => {
    expect(await Promise.all([doctor(lab), doctor(lan)])).toMatchObject([
      { state: 'failed', found: expect.stringContaining('not defined'), mend: expect.stringContaining('net-define') },
      { state: 'failed', found: expect.stringContaining('no bridge'), mend: expect.stringContaining('type bridge') },
    ]);
    await defineNetwork();
    await host.run('ip', ['link', 'add', lan.bridge, 'type', 'bridge']);
    const lacking = await Promise.all([doctor(lab), doctor(lan)]);
    expect(lacking.map(({ state }) => state)).toEqual(['failed', 'failed']);
    for (const { mend } of lacking) await host.run('sh', ['-c', mend ?? '']);
    expect(await Promise.all([doctor(lab), doctor(lan)])).toMatchObject([{ state: 'ok' }, { state: 'ok' }]);
  });

  test('a guest on a libvirt network is reached at the address that libvirt leased to it, and leaves no trace', async () => {
    await expectRun(lab, '192.0.2.');
  });

  test('a guest on a bridge whose address this host cannot know is reached by its link-local one', async () => {
    // The minimal guest's address is a fixed one, of a network that the bridge is no part of.
    await expectRun(lan, '10.0.2.15', minimalConfig);
  });

  test('a guest on a bridge is reached at the address that the host’s own DHCP server gave it, and leaves no trace', async () => {
    await host.run('ip', ['address', 'add', '198.51.100.1/24', 'dev', lan.bridge]);
    await serveDhcp(lan.bridge, '198.51.100.10,198.51.100.99,255.255.255.0');
    await expectRun(lan, '198.51.100.');
  });

  test('the libvirt and the network of the host itself know nothing of all this', async () => {
    const { stdout } = await exec('virsh', ['-c', 'qemu:///system', 'net-list', '--all', '--name']);
    expect(stdout).not.toContain(lab.network);
    expect(await virsh('net-list', '--name')).toContain(lab.network);
    for (const name of [lab.network, lan.bridge]) expect(existsSync(`/sys/class/net/${name}`)).toBe(false);
  });
});

type Network = typeof lab | typeof lan;

async function expectRun(network: Network, prefix: string, config = dhcpConfig): Promise<void> {
  const interfaces = await host.run('ls', ['/sys/class/net']);
  const script = 'cat; ip -4 -o address show dev eth0; exit 42';
  const result = await inside(network, ['run', config, '--', 'sh', '-c', script], 'from here\n');
  expect(result, result.stderr).toMatchObject({ exitCode: 42 });
  expect(result.stdout).toContain('from here\n');
  expect(result.stdout).toContain(`inet ${prefix}`);
  expect(await traces(config)).toEqual([]);
  expect(await virsh('list', '--all', '--name')).toBe('');
  expect(await host.run('ls', ['/sys/class/net'])).toBe(interfaces);
}

/** The row of `katavm doctor` on the network of this config. */
async function doctor(network: Network) {
  const { stdout } = await inside(network, ['doctor', dhcpConfig, '--json']);
  const { findings } = JSON.parse(stdout) as { findings: { check: string; state: string; found: string; mend?: string }[] };
  return findings.find(({ check }) => check === 'network') ?? expect.fail(`no row on the network in ${stdout}`);
}

/** Runs katavm on the private host, with this network for the guest. */
async function inside(network: Network, args: readonly string[], input?: string) {
  const site = join(testHome(), `${Object.values(network)[0]}-site.yaml`);
  await writeFile(site, JSON.stringify({ vm: { network } }));
  return katavm(args, { within: host.within, env: { KATAVM_SITE: site }, ...(input === undefined ? {} : { input }) });
}

/** As libvirt's own network "default", at an address that is kept for documentation (RFC 5737). */
async function defineNetwork(): Promise<void> {
  const xml = `<network>
    <name>${lab.network}</name>
    <forward mode='nat'/>
    <bridge name='${lab.network}'/>
    <ip address='192.0.2.1' netmask='255.255.255.0'><dhcp><range start='192.0.2.2' end='192.0.2.254'/></dhcp></ip>
  </network>`;
  const file = join(testHome(), `${lab.network}.xml`);
  await writeFile(file, xml);
  await virsh('net-define', file);
}

/** A DHCP server on an interface; it goes into the background when it listens. --no-ping: nobody else is on that network. */
async function serveDhcp(device: string, range: string): Promise<void> {
  const files = ['--conf-file=/dev/null', '--dhcp-leasefile=/run/dhcp.leases', '--pid-file'];
  const where = ['--port=0', `--interface=${device}`, '--bind-interfaces', `--dhcp-range=${range}`];
  await host.run('dnsmasq', [...files, ...where, '--no-ping', '--user=root']);
}
