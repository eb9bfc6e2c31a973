import { type MiB, parseVmName } from '@katavm/core';
import { DOMParser } from '@xmldom/xmldom';
import { describe, expect, it } from 'vitest';
import type { DomainDisk, DomainSpec } from '../hypervisor.js';
import { domainXml } from './domain-xml.js';
import { parseMetadata } from './parse-metadata.js';

const disk = (serial: string, more: Partial<DomainDisk> = {}): DomainDisk => ({
  path: `/var/lib/katavm/${serial}`,
  format: 'raw',
  serial,
  readOnly: true,
  ...more,
});

const root = disk('katavm-root', { format: 'qcow2', readOnly: false, backing: { path: '/master', format: 'qcow2' } });

const spec: DomainSpec = {
  name: parseVmName('a-clone'),
  uuid: '3758e633-7e13-46fb-b7f2-7b244d496d92',
  vcpus: 2,
  memory: 768 as MiB,
  acceleration: 'tcg',
  cpu: 'host-passthrough',
  disks: [root],
  boot: { kind: 'disk' },
  network: { kind: 'user' },
  macAddress: '52:54:00:01:02:03',
  consoleLog: '/var/lib/katavm/console.log',
  metadata: {
    config: 'debian12',
    generation: '20260101T000000-abc',
    clone: 'a-clone',
    purpose: 'job',
    owner: 'ci@host:1',
    created: '2026-01-01T00:00:00Z',
    home: '/var/lib/katavm',
  },
};

function parse(given: Partial<DomainSpec>) {
  const document = new DOMParser().parseFromString(domainXml({ ...spec, ...given }), 'text/xml');
  const all = (name: string) => [...document.getElementsByTagName(name)];
  const slotOf = (name: string, index = 0) => all(name)[index]?.getElementsByTagName('address')[0]?.getAttribute('slot');
  return { all, first: (name: string) => all(name)[0], slotOf };
}

describe('the XML of a domain', () => {
  it('keeps the root disk and the network interface where they are, whatever other disks there are', () => {
    const alone = parse({});
    const many = parse({ disks: [root, disk('katavm-seed'), disk('katavm-identity'), disk('d'), disk('e')] });
    expect(many.slotOf('disk')).toBe(alone.slotOf('disk'));
    expect(many.slotOf('interface')).toBe(alone.slotOf('interface'));
    expect(many.slotOf('rng')).toBe(alone.slotOf('rng'));
    const slots = many.all('address').map((address) => address.getAttribute('slot'));
    expect(new Set(slots).size).toBe(slots.length);
    expect(slots.slice(0, 5)).toEqual([...slots.slice(0, 5)].sort());
  });

  it('refuses more disks than there are slots', () => {
    const disks = Array.from({ length: 14 }, (_, index) => disk(`d${index}`));
    expect(() => domainXml({ ...spec, disks })).toThrow(expect.objectContaining({ code: 'KATAVM_DOMAIN_INVALID' }));
  });

  it('tells libvirt to leave the owner of a master alone, and to look no further down', () => {
    const backing = parse({}).first('backingStore');
    expect(backing?.getElementsByTagName('seclabel')[0]?.getAttribute('relabel')).toBe('no');
    expect(backing?.getElementsByTagName('backingStore')).toHaveLength(1);
  });

  it('names every file of a chain of overlays to libvirt', () => {
    const chain = { path: '/template', format: 'qcow2', backing: { path: '/master', format: 'qcow2' } } as const;
    const backing = parse({ disks: [{ ...root, backing: chain }] }).first('backingStore');
    const files = [...(backing?.getElementsByTagName('source') ?? [])].map((source) => source.getAttribute('file'));
    expect(files).toEqual(['/template', '/master']);
    expect(backing?.getElementsByTagName('seclabel')).toHaveLength(2);
  });

  it('has a wake channel only where it is asked for, and moves no other device for it', () => {
    const woken = parse({ wakeSocket: '/var/lib/katavm/clones/a-clone/wake' });
    expect(parse({}).all('channel')).toEqual([]);
    expect(woken.first('channel')?.getElementsByTagName('source')[0]?.getAttribute('path')).toMatch(/wake$/);
    expect(['disk', 'interface', 'rng'].map((name) => woken.slotOf(name))).toEqual(
      ['disk', 'interface', 'rng'].map((name) => parse({}).slotOf(name)),
    );
    const tooLong = `/${'x'.repeat(107)}`;
    expect(() => parse({ wakeSocket: tooLong })).toThrow(expect.objectContaining({ code: 'KATAVM_DOMAIN_INVALID' }));
  });

  it('gives the wake channel to who is to connect, where QEMU runs as another user', () => {
    const label = (xml: string) => /<source mode="bind"[^>]*>(.*?)<\/source>/.exec(xml.replace(/\n\s*/g, ''))?.[1];
    const woken = { ...spec, wakeSocket: '/wake' };
    expect(label(domainXml(woken, { uid: 1001, gid: 1002 }))).toBe(
      '<seclabel model="dac" relabel="yes"><label>+1001:+1002</label></seclabel>',
    );
    expect(label(domainXml(woken))).toBeUndefined();
  });

  it('lets guests write to no disk that is read-only', () => {
    const { all } = parse({ disks: [root, disk('katavm-identity')] });
    expect(all('disk').map((each) => each.getElementsByTagName('readonly').length)).toEqual([0, 1]);
  });

  it.each([
    ['tcg', 'host-passthrough', 'maximum'],
    ['tcg', 'host-model', 'maximum'],
    ['kvm', 'host-passthrough', 'host-passthrough'],
    ['kvm', 'maximum', 'maximum'],
    ['tcg', 'qemu64', 'custom'],
    ['kvm', 'EPYC', 'custom'],
  ] as const)('under %s, the CPU %s becomes %s', (acceleration, cpu, mode) => {
    expect(parse({ acceleration, cpu }).first('cpu')?.getAttribute('mode')).toBe(mode);
  });

  it.each([
    ['tcg', 'host-passthrough', ['erms', 'fsrm']],
    ['tcg', 'qemu64', []],
    ['kvm', 'maximum', []],
    ['kvm', 'host-passthrough', []],
  ] as const)('under %s, the CPU %s is without what is slow when emulated: %j', (acceleration, cpu, names) => {
    const features = parse({ acceleration, cpu }).all('feature');
    const told = features.map((each) => [each.getAttribute('policy'), each.getAttribute('name')]);
    expect(told).toEqual(names.map((name) => ['disable', name]));
  });

  it.each([
    ['tcg', 'host-model', 'cpu-unavailable-features'],
    ['kvm', 'host-passthrough', 'cpu-unavailable-features'],
    ['kvm', 'host-model', undefined],
    ['kvm', 'EPYC', undefined],
  ] as const)(
    'under %s, the CPU %s has libvirt verify its features unless there is no model to verify',
    (acceleration, cpu, without) => {
      expect(parse({ acceleration, cpu }).first('qemu:del')?.getAttribute('capability')).toBe(without);
    },
  );

  it('spares an emulated kernel the look at its timer, random addresses, and modules for its processor', () => {
    const boot = { kind: 'kernel', kernel: '/kernel', initrd: undefined, commandLine: 'root=/dev/vda' } as const;
    expect(parse({ boot, acceleration: 'tcg' }).first('cmdline')?.textContent).toMatch(
      /^no_timer_check norandmaps modprobe\.blacklist=(\w+,)*kvm_amd(,\w+)* root=\/dev\/vda$/,
    );
    expect(parse({ boot, acceleration: 'kvm' }).first('cmdline')?.textContent).toBe('root=/dev/vda');
  });

  it('holds metadata that libvirt can give back', () => {
    const written = parse({}).first('katavm:domain')?.toString() ?? '';
    expect(parseMetadata(written)).toEqual(spec.metadata);
    expect(parseMetadata(written.replace('purpose="job"', 'purpose="mine"'))).toBeUndefined();
    expect(parseMetadata(written.replace('version="1"', 'version="2"'))).toBeUndefined();
    expect(parseMetadata(written.replace(/home="[^"]*"/, ''))).toBeUndefined();
    expect(parseMetadata('<html>')).toBeUndefined();
  });
});
