import type { BaseBoot, BaseContext, PreparedBase } from '../adapter.js';
import { digestFile } from '../cache/digest.js';
import { digestMismatch } from '../disk/digest-mismatch.js';
import { inspectDisk } from '../disk/inspect-disk.js';
import type { PathSource } from '../schema.js';
import { readableFile } from './readable-file.js';

const defaultCommandLine = 'root=/dev/vda rw console=ttyS0';

/** A disk of this host, used where it lies: it is only read, so the cache need not hold a copy. */
export async function prepareFromPath(source: PathSource, context: BaseContext): Promise<PreparedBase> {
  const disk = await readableFile(source.path, 'base.path');
  const boot = await bootOf(source);
  const facts = await inspectDisk(disk, disk, context.signal);
  const sha256 = await digestFile(disk, 'sha256', { ...context, what: 'verify base' });
  if (source.sha256 !== undefined && source.sha256.toLowerCase() !== sha256) {
    throw digestMismatch({ shown: disk, algorithm: 'sha256', expected: source.sha256.toLowerCase(), actual: sha256 });
  }
  return { disk, ...facts, sha256, boot, origin: disk, cached: true };
}

async function bootOf({ kernel, initrd, commandLine }: PathSource): Promise<BaseBoot> {
  if (kernel === undefined) return { kind: 'disk' };
  return {
    kind: 'kernel',
    kernel: await readableFile(kernel, 'base.kernel'),
    initrd: initrd === undefined ? undefined : await readableFile(initrd, 'base.initrd'),
    commandLine: commandLine ?? defaultCommandLine,
  };
}
