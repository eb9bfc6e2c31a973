export type { FakeDomain } from './fake-domain.js';
export { createFakeLibvirt, type FakeLibvirt, type FakeLibvirtOptions } from './fake-libvirt.js';
