import { randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exec, ignoreEvents, interruptedBy, parseVmName, start, type VmName, waitFor } from '@katavm/core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { VirshHypervisor } from '../src/connection/virsh-hypervisor.js';
import { adapter, type DomainSpec, domainXml, type Hypervisor } from '../src/index.js';
import { Virsh } from '../src/virsh/virsh.js';
import { type RealWorld, realWorld, uri, virsh } from './real-world.js';

let world: RealWorld;
beforeAll(async () => {
  world = await realWorld();
});
afterAll(() => world.remove());

async function newDomain(change: Partial<DomainSpec> = {}): Promise<{ hypervisor: Hypervisor; name: VmName; spec: DomainSpec }> {
  const hypervisor = await world.connect();
  const name = parseVmName(`katavm-contract-${randomBytes(4).toString('hex')}`);
  onTestFinished(async () => {
    await hypervisor.remove(name);
    await hypervisor.close();
  });
  return { hypervisor, name, spec: { ...(await world.spec(name)), ...change } };
}

/** libvirt's own driver for tests: it lives in the virsh process. */
function testDriver(signal?: AbortSignal): Virsh {
  const shell = new Virsh('test:///default', signal);
  onTestFinished(() => shell.close());
  return shell;
}

describe('the held virsh', () => {
  it('reads back every printable word, spaces, quotes and options alike', async () => {
    const shell = testDriver();
    const printable = fc.string({
      unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
      maxLength: 300,
    });
    const tricky = fc.constantFrom("'", '"', '\\', `'"\\`, '--err', '#', ';', '; quit', '$HOME', '`id`', '!!', '~', '');
    await fc.assert(
      fc.asyncProperty(fc.oneof(printable, tricky), async (word) => {
        expect(await shell.run(['echo', '--', word])).toEqual({ output: word, failure: undefined });
      }),
      { numRuns: 300 },
    );
  });

  it('tells a failed command from one that succeeds, and goes on after each', async () => {
    const shell = testDriver();
    const answers = await Promise.all([
      shell.run(['domstate', 'test']),
      shell.run(['domstate', 'nobody']),
      shell.run(['no-such-command']),
      shell.run(['domstate', 'test', '--no-such-option']),
      shell.run(['dominfo', 'test']),
    ]);
    expect(answers.map(({ failure }) => failure)).toEqual([
      undefined,
      "failed to get domain 'nobody'",
      "unknown command: 'no-such-command'",
      expect.stringContaining('--no-such-option'),
      undefined,
    ]);
    expect(answers[0]?.output.trim()).toBe('running');
    expect(answers[4]?.output).toMatch(/^Name: +test$/m);
  });

  it('fails every call that waits, and every later one, when virsh ends', async () => {
    const shell = testDriver();
    const waiting = [shell.run(['domstate', 'test']), shell.run(['quit']), shell.run(['domstate', 'test'])];
    const codes = (await Promise.allSettled([...waiting.slice(1), shell.run(['uri'])])).map((each) => each.status);
    expect(codes).toEqual(['rejected', 'rejected', 'rejected']);
    await expect(shell.run(['uri'])).rejects.toMatchObject({ code: 'KATAVM_LIBVIRT_UNREACHABLE', exitCode: 3 });
  });

  it('ends the calls that wait when it is interrupted, and still serves what undoes them', async () => {
    const interrupt = new AbortController();
    const shell = testDriver(interrupt.signal);
    const waiting = shell.run(['domstate', 'test']);
    interrupt.abort(interruptedBy('SIGINT'));
    await expect(waiting).rejects.toMatchObject({ code: 'KATAVM_INTERRUPTED', exitCode: 130 });
    expect((await shell.run(['domstate', 'test'])).output.trim()).toBe('running');
  });
});

/** The virsh processes that listen to a domain. */
async function listeners(uuid: string): Promise<string[]> {
  const { stdout } = await exec('ps', ['-eo', 'args']);
  return stdout.split('\n').filter((line) => /\bvirsh .*event --domain /.test(line) && line.includes(uuid));
}

describe('connecting', () => {
  it.each([
    ['qemu+unix:///system?socket=/nonexistent/libvirt-sock', /No such file/, /libvirtd/],
    ['nonsense:///', /nonsense/, /virsh/],
  ])('to %s says what is wrong and what to do', async (address, message, hint) => {
    const error = await adapter.connect({ uri: address, emit: ignoreEvents }).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'KATAVM_LIBVIRT_UNREACHABLE', exitCode: 3 });
    expect(error.message).toMatch(message);
    expect(error.hint).toMatch(hint);
  });
});

describe('a domain on the real libvirt', () => {
  it('is valid by libvirt’s own schema, by kernel and by disk, with every network, CPU and disk', async () => {
    const { name, spec } = await newDomain();
    const overlay = {
      path: '/o',
      format: 'qcow2',
      serial: 'a',
      readOnly: false,
      backing: { path: '/m', format: 'qcow2' },
    } as const;
    const readOnly = { path: '/i', format: 'raw', serial: 'katavm-identity', readOnly: true } as const;
    const kernel = { kind: 'kernel', kernel: '/k', initrd: undefined, commandLine: 'root=/dev/vda rw "x"' } as const;
    const variants: Partial<DomainSpec>[] = [
      { disks: [overlay, readOnly, readOnly], boot: kernel, osVariant: 'debian12' },
      { network: { kind: 'network', name: 'default' }, boot: { ...kernel, initrd: '/i' } },
      { network: { kind: 'bridge', name: 'br0' }, cpu: 'EPYC', disks: Array(13).fill(overlay) },
    ];
    for (const [index, variant] of variants.entries()) {
      const file = join(world.folder, `${name}-${index}.xml`);
      await writeFile(file, domainXml({ ...spec, ...variant }));
      const shell = testDriver();
      expect(await shell.run(['define', '--file', file, '--validate'])).toMatchObject({ failure: undefined });
    }
  });

  it('runs on a master that stays as it was sealed, owner and mode included', async () => {
    const { hypervisor, name, spec } = await newDomain();
    const master = join(world.folder, `${name}-master.qcow2`);
    const path = join(world.folder, `${name}.qcow2`);
    await exec('qemu-img', ['create', '-q', '-f', 'qcow2', master, '1M']);
    await chmod(master, 0o444);
    const backing = { path: master, format: 'qcow2' } as const;
    await adapter.createOverlay({ path, backing });
    const sealed = await stat(master);
    await hypervisor.define({ ...spec, disks: [{ path, format: 'qcow2', backing, serial: 'katavm-root', readOnly: false }] });
    await hypervisor.start(name, { dieWithUs: false });
    expect(await stat(master)).toMatchObject({ uid: sealed.uid, gid: sealed.gid, mode: sealed.mode, ctimeMs: sealed.ctimeMs });
    await hypervisor.remove(name);
    expect(await stat(master)).toMatchObject({ uid: sealed.uid, gid: sealed.gid, mode: sealed.mode, ctimeMs: sealed.ctimeMs });
  });

  it('is removed when it is paused, and when libvirt keeps a saved memory of it', async () => {
    const { hypervisor, name, spec } = await newDomain();
    await hypervisor.define(spec);
    await hypervisor.start(name, { dieWithUs: false });
    await virsh('suspend', name);
    expect(await hypervisor.state(name)).toBe('paused');
    await virsh('managedsave', name);
    await hypervisor.remove(name);
    expect(await hypervisor.state(name)).toBeUndefined();
    expect((await virsh('list', '--all', '--name')).stdout.split('\n')).not.toContain(name);
  });

  it('is removed when it is transient, as another program could have made it', async () => {
    const { hypervisor, name, spec } = await newDomain();
    const file = join(world.folder, `${name}.xml`);
    await writeFile(file, domainXml(spec));
    await virsh('create', file);
    expect(await hypervisor.state(name)).toBe('running');
    await hypervisor.remove(name);
    expect(await hypervisor.state(name)).toBeUndefined();
  });

  it('is foreign when it is a copy under another name, although it carries our metadata', async () => {
    const { hypervisor, name, spec } = await newDomain();
    const copy = parseVmName(`${name}-copy`);
    await hypervisor.define({ ...spec, name: copy });
    await expect(hypervisor.remove(copy)).rejects.toMatchObject({ code: 'KATAVM_DOMAIN_FOREIGN' });
    expect((await hypervisor.list()).map((record) => record.name)).not.toContain(copy);
    await virsh('undefine', copy);
  });

  it('refuses a start in libvirt’s own words, with what may help', async () => {
    const { hypervisor, name, spec } = await newDomain({ network: { kind: 'network', name: 'katavm-no-such-network' } });
    await hypervisor.define(spec);
    const error = await hypervisor.start(name, { dieWithUs: true }).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'KATAVM_LIBVIRT_REFUSED' });
    expect(error.message).toContain('katavm-no-such-network');
    expect(error.hint).toContain('virsh net-list');
  });

  it('is found at the address that its network has leased to it', async () => {
    const shell = testDriver();
    const hypervisor = new VirshHypervisor(shell);
    const name = parseVmName('leaseholder');
    const spec = { ...(await world.spec(name)), network: { kind: 'network', name: 'default' } } as const;
    await hypervisor.define(spec);
    expect(await hypervisor.address(name, spec.macAddress)).toBeUndefined();
    await hypervisor.start(name, { dieWithUs: false });
    expect(await hypervisor.address(name, spec.macAddress)).toMatch(/^192\.168\.122\.\d+$/);
    expect(await hypervisor.address(name, '52:54:00:ff:ff:ff')).toBeUndefined();
  });

  it('is asked after where nobody can listen to it, as on a libvirt that is not QEMU’s', async () => {
    const hypervisor = new VirshHypervisor(testDriver());
    const name = parseVmName('unheard');
    await hypervisor.define(await world.spec(name));
    const told = new EventEmitter();
    const tells = Promise.all(['changed', 'networkUp'].map((what) => once(told, what)));
    const listener = { changed: () => told.emit('changed'), networkUp: () => told.emit('networkUp') };
    const deafen = await hypervisor.listen(name, listener);
    await tells;
    deafen();
  });

  it('ends when the process that holds it is killed, and leaves its definition to be cleaned up', async () => {
    const { hypervisor, name, spec } = await newDomain();
    const script = fileURLToPath(new URL('hold-domain.js', import.meta.url));
    const holder = start(process.execPath, [script, uri, JSON.stringify(spec)]);
    onTestFinished(() => holder.kill('SIGKILL'));
    const said = await Promise.race([once(holder.stdout, 'data').then(String), holder.ended.then(({ failure }) => failure)]);
    expect(said).toBe('holding\n');
    expect(await hypervisor.state(name)).toBe('running');
    expect(await listeners(spec.uuid)).toHaveLength(2);
    holder.kill('SIGKILL');
    await waitFor({
      name: `${name} to end with its holder`,
      probe: async () => ((await hypervisor.state(name)) === 'shut off' ? true : undefined),
      timeoutMilliseconds: 20_000,
      hint: 'virsh did not end with the process that had started it',
    });
    expect((await hypervisor.find(name))?.metadata).toEqual(spec.metadata);
    expect(await listeners(spec.uuid)).toEqual([]);
  });

  it('leaves no file of katavm behind when it has been defined', async () => {
    const { hypervisor, spec } = await newDomain();
    const folder = await mkdtemp(join(tmpdir(), 'katavm-contract-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    vi.stubEnv('TMPDIR', folder);
    onTestFinished(() => void vi.unstubAllEnvs());
    await hypervisor.define(spec);
    expect(await readdir(folder)).toEqual([]);
  });
});
