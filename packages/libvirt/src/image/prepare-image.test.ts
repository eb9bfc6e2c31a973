import { describe, expect, test } from 'vitest';
import { qemuUser } from './prepare-image.js';

const secmodel = (model: string, label: string) =>
  `<secmodel><model>${model}</model><doi>0</doi>\n  <baselabel type='kvm'>${label}</baselabel>\n  <baselabel type='qemu'>${label}</baselabel></secmodel>`;

describe('whom QEMU runs as', () => {
  test('is read from what libvirt says of the host, beside what else confines QEMU', () => {
    const selinux = secmodel('selinux', 'system_u:system_r:svirt_t:s0');
    expect(qemuUser(`<host>${selinux}${secmodel('dac', '+64055:+108')}</host>`)).toEqual({ uid: 64055, gid: 108 });
  });

  test('is whoever asks where libvirt hands nothing over', () => {
    expect(qemuUser('<host><secmodel><model>none</model><doi>0</doi></secmodel></host>')).toBeUndefined();
  });
});
