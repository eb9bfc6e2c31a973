import { createHash } from 'node:crypto';
import { parseVmName } from '@katavm/core';
import type { DomainBoot, DomainDisk, DomainSpec } from '../hypervisor.js';
import { domainXml } from '../xml/domain-xml.js';

/**
 * A digest of the domain's XML without what differs between clones and what no running guest sees: names, addresses, and where
 * files lie on the host. A katavm that builds domains otherwise has other shapes.
 */
export function domainShape(spec: DomainSpec): string {
  const uuid = '00000000-0000-0000-0000-000000000000';
  const neutral: DomainSpec = {
    ...spec,
    name: parseVmName('shape'),
    uuid,
    disks: spec.disks.map(neutralDisk),
    boot: neutralBoot(spec.boot),
    macAddress: '52:54:00:00:00:00',
    consoleLog: '/console',
    wakeSocket: spec.wakeSocket === undefined ? undefined : '/wake',
    image: undefined,
    osVariant: undefined,
    metadata: {
      config: '',
      generation: '',
      clone: '',
      purpose: 'job',
      owner: '',
      created: '',
      home: '',
    },
  };
  return createHash('sha256').update(domainXml(neutral)).digest('hex');
}

function neutralDisk({ format, serial, readOnly }: DomainDisk): DomainDisk {
  return { path: '/disk', format, serial, readOnly };
}

/** That there is a kernel changes the firmware's part of the memory; which one it was matters at the next boot only. */
function neutralBoot(boot: DomainBoot): DomainBoot {
  if (boot.kind === 'disk') return boot;
  return { kind: 'kernel', kernel: '/kernel', initrd: boot.initrd === undefined ? undefined : '/initrd', commandLine: '' };
}
