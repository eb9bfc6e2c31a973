import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CloudInitAdapter } from '../adapter.js';
import { inTemporaryFolder, sample } from './samples.js';
import type { TestFramework } from './test-framework.js';

/** ECMA-119, 8.4.6: the volume identifier, in the primary volume descriptor of sector 16. */
const volumeLabel = { start: 16 * 2048 + 40, end: 16 * 2048 + 72 };

export function promiseSeeds(adapter: CloudInitAdapter, { describe, it, expect }: TestFramework): void {
  describe('writeSeed', () => {
    it('writes an ISO 9660 volume that cloud-init finds by its label', () =>
      inTemporaryFolder(async (folder) => {
        const path = join(folder, 'seed.iso');
        const { sha256 } = await adapter.writeSeed(path, adapter.compose(sample));
        const iso = await readFile(path);
        expect(iso.subarray(volumeLabel.start, volumeLabel.end).toString('latin1').trim().toLowerCase()).toBe('cidata');
        expect(iso.includes(adapter.compose(sample).userData)).toBe(true);
        expect(createHash('sha256').update(iso).digest('hex')).toBe(sha256);
      }));

    it('writes the same bytes for the same seed, another for another, and leaves nothing beside it', () =>
      inTemporaryFolder(async (folder) => {
        const seed = adapter.compose(sample);
        const first = await adapter.writeSeed(join(folder, 'first.iso'), seed);
        const second = await adapter.writeSeed(join(folder, 'second.iso'), seed);
        const other = await adapter.writeSeed(join(folder, 'other.iso'), adapter.compose({ ...sample, instanceId: 'other' }));
        expect(second).toEqual(first);
        expect(other.sha256 === first.sha256).toBe(false);
        expect((await readdir(folder)).sort()).toEqual(['first.iso', 'other.iso', 'second.iso']);
      }));
  });
}
