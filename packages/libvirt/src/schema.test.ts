import { validate } from '@katavm/core/document';
import { describe, expect, it } from 'vitest';
import { defaultUri } from './connection/default-uri.js';
import { toDomainNetwork, vmSchema } from './schema.js';

describe('the vm part of a config', () => {
  it('may be empty', () => {
    expect(vmSchema.parse({})).toEqual({
      vcpus: 2,
      memory: 2048,
      disk: 10240,
      network: 'user',
      acceleration: 'auto',
      cpu: 'host-passthrough',
    });
  });

  it.each([
    { vcpus: 0 },
    { vcpus: 1.5 },
    { memory: '2' },
    { memory: 2048 },
    { disk: '-1GiB' },
    { network: 'bridge' },
    { network: { network: '' } },
    { network: { network: "default'/><x" } },
    { network: { network: 'a\nb' } },
    { network: { bridge: '../../etc' } },
    { network: { bridge: 'sixteen-letters-' } },
    { network: { network: 'a', bridge: 'b' } },
    { acceleration: 'hvf' },
    { cpu: 'host,-x' },
    { osVariant: '' },
    { uri: 'qemu+ssh://other/system' },
  ])('refuses %j', (vm) => {
    expect(vmSchema.safeParse(vm).success).toBe(false);
  });

  it.each([
    ['user', { kind: 'user' }],
    [{ network: 'default' }, { kind: 'network', name: 'default' }],
    [{ bridge: 'br0' }, { kind: 'bridge', name: 'br0' }],
  ])('puts a clone on the network %j', (network, expected) => {
    expect(toDomainNetwork(vmSchema.parse({ network }).network)).toEqual(expected);
  });

  it('says what is wrong with a size, and what to write', () => {
    const place = () => 'katavm.yaml:3';
    const check = () =>
      validate({ value: { memory: '2' }, schema: vmSchema, place, subject: 'vm', code: 'KATAVM_CONFIG_INVALID' });
    expect(check).toThrow(/katavm.yaml:3: memory.*"2" is not a size; write a number and a unit/);
  });
});

describe('the connection where none is named', () => {
  it.each([
    [{}, 0, 'qemu:///system'],
    [{}, 1000, 'qemu:///session'],
    [{ LIBVIRT_DEFAULT_URI: 'qemu:///system' }, 1000, 'qemu:///system'],
    [{ LIBVIRT_DEFAULT_URI: '' }, 0, 'qemu:///system'],
  ])('with %j and uid %i is %s', (environment, uid, uri) => {
    expect(defaultUri(environment, uid)).toBe(uri);
  });
});
