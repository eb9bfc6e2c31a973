import { isPipe } from '@katavm/core';
import type { Descriptors } from '@katavm/lifecycle';

/** This process's stdin and stdout for a guest's command, where both are pipes: files and terminals stay with this process. */
export function ownDescriptors(): Descriptors | undefined {
  return [0, 1].every(isPipe) ? { stdin: 0, stdout: 1, alreadyRead: undefined } : undefined;
}
