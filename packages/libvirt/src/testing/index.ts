export type { FakeDomain } from './fake-domain.js';
export { createFakeLibvirt, type FakeLibvirt } from './fake-libvirt.js';
