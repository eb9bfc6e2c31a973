import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { maskCredentials } from '../explain/mask.js';
import { mapLeaves } from '../layers/tree.js';
import type { VmConfig } from '../vm-config.js';
import { canonicalJson } from './canonical-json.js';

/** Raised when the shape below changes, so that an old digest never equals a new one by accident. */
const digestVersion = 1;

/**
 * sha256 (hex) over everything in a config that goes into its master: two configs with one digest give the same master.
 *
 * Files count by their contents, not by their paths, so that a config that is moved, or stands on another host, keeps its
 * digest. Credentials in URLs are left out: sealing removes them, and a digest travels.
 *
 * Left out, since the sealed disk is the same whatever they say: `vm` but for `disk` (the guest grows its file system to it),
 * `agent`, `keys`, all timeouts, and the modules for libvirt, keys and ssh. Checks count: a master that has not passed them
 * is another one.
 */
export async function inputDigest(config: VmConfig): Promise<string> {
  const { base, vm, guest, cloudInit, complete, proxy, site } = config;
  const input = {
    digestVersion,
    base: await baseInput(base),
    disk: vm.disk,
    guest,
    userData: await contentOf(cloudInit.userDataFile),
    networkConfig: await contentOf(cloudInit.networkConfigFile),
    files: await Promise.all(
      complete.files.map(async ({ source, content, targetTemplate: _, ...file }) => ({
        ...file,
        content: content === undefined ? await contentOf(source) : sha256(content),
      })),
    ),
    commands: complete.commands.map(({ run, as }) => ({ run, as })),
    checks: complete.checks.map(({ run, as }) => ({ run, as })),
    proxy,
    cloudConfig: site.cloudConfig,
    modules: { cloudinit: site.modules.cloudinit, images: site.modules.images },
  };
  return sha256(canonicalJson(mapLeaves(input, (leaf) => (typeof leaf === 'string' ? maskCredentials(leaf) : leaf))));
}

/** A disk by path counts by its digest where that is given; else by size and time: hashing gigabytes at every look is too slow. */
async function baseInput(base: VmConfig['base']): Promise<unknown> {
  if (!('path' in base)) return base;
  const files = { kernel: await contentOf(base.kernel), initrd: await contentOf(base.initrd), commandLine: base.commandLine };
  if (base.sha256 !== undefined) return { sha256: base.sha256.toLowerCase(), ...files };
  const found = await stat(base.path).catch(() => undefined);
  return { path: base.path, bytes: found?.size, modified: found?.mtimeMs, ...files };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

async function contentOf(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
