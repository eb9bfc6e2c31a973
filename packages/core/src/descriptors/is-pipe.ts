import { fstatSync } from 'node:fs';

/** True for a descriptor that is a pipe or a socket: what a CI server or a shell's pipeline gives a program, and no file or terminal. */
export function isPipe(descriptor: number): boolean {
  const kind = fstatSync(descriptor);
  return kind.isFIFO() || kind.isSocket();
}
