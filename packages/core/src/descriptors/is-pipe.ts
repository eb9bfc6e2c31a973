import { fstatSync } from 'node:fs';

/** True for a descriptor that is a pipe or a socket: what a CI server or a shell's pipeline gives a program, and no file or terminal. */
export function isPipe(descriptor: number): boolean {
  // Not as plain numbers: Node 20 keeps those of its last look, and takes a link to a package for a pipe when the next `import` follows.
  const kind = fstatSync(descriptor, { bigint: true });
  return kind.isFIFO() || kind.isSocket();
}
