import { randomBytes } from 'node:crypto';

/** 52:54:00 is the prefix that QEMU and libvirt use for their guests. */
export function randomMacAddress(): string {
  const tail = [...randomBytes(3)].map((byte) => byte.toString(16).padStart(2, '0'));
  return ['52', '54', '00', ...tail].join(':');
}
