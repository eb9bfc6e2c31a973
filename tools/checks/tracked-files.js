import { exec } from '../../packages/core/dist/index.js';

/** The files that git knows or would add, except deleted ones: a check sees a new file before its first commit. */
export async function trackedFiles() {
  const { stdout } = await exec('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard']);
  const { stdout: deleted } = await exec('git', ['ls-files', '-z', '--deleted']);
  const gone = new Set(deleted.split('\0'));
  return [...new Set(stdout.split('\0'))].filter((file) => file !== '' && !gone.has(file)).sort();
}
