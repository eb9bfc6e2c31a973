import { resolve } from 'node:path';

/** `~` and `~/x` are the home folder; anything else that is relative is relative to `directory`. */
export function absolutePath(written: string, directory: string, home: string): string {
  if (written === '~') return resolve(home);
  if (written.startsWith('~/')) return resolve(home, written.replace(/^~\/+/, ''));
  return resolve(directory, written);
}
