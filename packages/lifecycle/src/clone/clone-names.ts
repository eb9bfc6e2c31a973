import { randomBytes } from 'node:crypto';
import { toVmName, type VmName } from '@katavm/core';

/** The clone that the numbered steps 4, 5 and 7 work on where no other name is given: one for each config, as in the scripts. */
export function usualCloneName(config: string): VmName {
  return toVmName(config, '-clone');
}

/** A name that no other clone has: 40 random bits, and making the clone's folder fails where one has it all the same. */
export function jobCloneName(config: string): VmName {
  return toVmName(config, `-${randomBytes(5).toString('hex')}`);
}
