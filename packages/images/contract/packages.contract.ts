import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { exec, type KatavmEvent } from '@katavm/core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { PreparedBase } from '../src/adapter.js';
import { resolveSources } from '../src/packages/apt/resolve-sources.js';
import { prepareBase } from '../src/prepare-base.js';
import { type BaseSource, baseSchema } from '../src/schema.js';
import { namesIn, openWorkplace, refusal, temporaryDirectory, type Workplace } from './workplace.js';

// A real mmdebstrap, from the mirror that this host's apt sources name. It takes half a minute on an idle machine.
const buildMilliseconds = 600_000;

function packages(more: object): BaseSource {
  return baseSchema.parse({ packages: { suite: 'bookworm', ...more } });
}

/** Where it unpacks: read by the tests, which look for what is left. */
let unpackingDirectory: string;
beforeAll(async () => {
  unpackingDirectory = await mkdtemp('/var/tmp/katavm-images-');
});
afterAll(() => rm(unpackingDirectory, { recursive: true }));

async function openPlace(): Promise<Workplace> {
  const place = await openWorkplace();
  vi.stubEnv('TMPDIR', unpackingDirectory);
  return place;
}

async function expectNothingLeft(place: Workplace): Promise<void> {
  expect(await namesIn(place)).toEqual([]);
  expect(await readdir(unpackingDirectory)).toEqual([]);
  expect(await readFile('/proc/self/mounts', 'utf8')).not.toContain(unpackingDirectory);
}

describe('a base from packages', () => {
  let home: string;
  let raw: string;
  let base: PreparedBase;
  const events: KatavmEvent[] = [];
  const source = packages({ include: ['jq'] });
  const context = () => ({
    ...{ cacheDirectory: join(home, 'bases'), lockDirectory: join(home, 'locks') },
    emit: (event: KatavmEvent) => void events.push(event),
  });

  beforeAll(async () => {
    home = await mkdtemp('/var/tmp/katavm-images-');
    vi.stubEnv('TMPDIR', unpackingDirectory);
    base = await prepareBase({ ...context(), source });
    vi.unstubAllEnvs();
    raw = join(home, 'disk.raw');
    await exec('qemu-img', ['convert', '-O', 'raw', base.disk, raw]);
  }, buildMilliseconds);
  afterAll(() => rm(home, { recursive: true, force: true }));

  const inGuest = async (command: string) => (await exec('/sbin/debugfs', ['-R', command, raw])).stdout;

  it('is one clean file system, found by the UUID that its command line names', async () => {
    await exec('/sbin/e2fsck', ['-fn', raw]);
    const { stdout } = await exec('/sbin/dumpe2fs', ['-h', raw]);
    expect(base.boot).toMatchObject({
      kind: 'kernel',
      commandLine: expect.stringContaining(/UUID: +(\S+)/.exec(stdout)?.[1] ?? 'none'),
    });
    expect(base).toMatchObject({ format: 'qcow2', origin: 'bookworm from packages', cached: false });
  });

  it('comes with a kernel and an initrd to boot it directly', async () => {
    if (base.boot.kind !== 'kernel' || base.boot.initrd === undefined) throw new Error('no kernel');
    const kernel = await readFile(base.boot.kernel);
    expect(process.arch === 'arm64' || kernel.toString('latin1', 0x202, 0x206)).toBe(process.arch === 'arm64' || 'HdrS');
    const initrd = (await readFile(base.boot.initrd)).toString('latin1');
    expect(initrd.length, 'small: just what finds the root disk').toBeLessThan(4 * 1024 ** 2);
    expect(initrd).toMatch(/^070701/); // an unpacked cpio archive
    for (const needed of ['init\0', 'bin/sh\0', 'bin/run-init\0', '-virtio_blk\0']) expect(initrd).toContain(needed);
  });

  it('holds no identity, and nothing of its making', async () => {
    expect(await inGuest('stat /etc/machine-id')).toMatch(/Size: 0\b/);
    expect(await inGuest('ls /etc/ssh')).not.toContain('ssh_host_');
    expect(await inGuest('ls /usr/sbin')).not.toMatch(/policy-rc\.d|start-stop-daemon\.REAL/);
    expect(await inGuest('ls /etc')).not.toMatch(/\bhostname\b/);
    expect(await inGuest('ls /etc/apt/apt.conf.d')).not.toContain('00mmdebstrap');
    expect(await inGuest('stat /etc/resolv.conf')).toContain('stub-resolv.conf');
  });

  it('has the wanted packages, its network and SSH on at boot, and the mirror that made it', async () => {
    expect(await inGuest('stat /usr/bin/jq')).toContain('Type: regular');
    expect(await inGuest('ls /etc/systemd/system/multi-user.target.wants')).toMatch(/ssh\.service.*systemd-networkd\.service/s);
    const sources = await inGuest('cat /etc/apt/sources.list');
    expect(sources).toMatch(/^deb \[.*signed-by=.*\] http\S+ bookworm main$/m);
    expect(sources).toMatch(/ bookworm-security main$/m);
    expect(await inGuest('cat /etc/cloud/cloud.cfg.d/90-katavm.cfg')).toContain('preserve_sources_list: true');
  });

  it('counts its packages while it is made', () => {
    const counted = events.flatMap((event) => (event.type === 'progress' && event.unit === 'packages' ? [event] : []));
    expect(counted.at(-1)?.done).toBe(counted.at(-1)?.total);
    expect(events.some((event) => event.type === 'output' && event.source === 'mmdebstrap')).toBe(true);
  });

  it('is found again, also by a config that names the packages twice, and leaves nothing beside it', async () => {
    vi.stubEnv('TMPDIR', unpackingDirectory);
    const again = await prepareBase({ ...context(), source: packages({ include: ['jq', 'sudo', 'jq'] }) });
    expect(again).toEqual({ ...base, cached: true });
    expect((await readdir(join(home, 'bases'))).sort()).toEqual([base.sha256, 'by-request'].sort());
    expect(await readdir(unpackingDirectory)).toEqual([]);
  });
});

describe('a base from packages that cannot be made', () => {
  it(
    'names the package that does not exist, and leaves nothing',
    async () => {
      const place = await openPlace();
      const error = await refusal(prepareBase({ ...place, source: packages({ include: ['no-such-package-at-all'] }) }));
      expect(error).toMatchObject({
        code: 'KATAVM_BASE_PACKAGE_MISSING',
        hint: expect.stringContaining('base.packages.include'),
      });
      expect(error.message).toContain('no-such-package-at-all');
      await expectNothingLeft(place);
    },
    buildMilliseconds,
  );

  it(
    'names the release that the mirror does not have, and the one that was meant, and leaves nothing',
    async () => {
      const place = await openPlace();
      const error = await refusal(prepareBase({ ...place, source: packages({ suite: 'trixy' }) }));
      expect(error).toMatchObject({ code: 'KATAVM_BASE_SUITE_MISSING', hint: expect.stringContaining('"trixie"') });
      expect(error.message).toContain('has no suite "trixy"');
      await expectNothingLeft(place);
    },
    buildMilliseconds,
  );

  it(
    'says that the mirror cannot be reached, and leaves nothing',
    async () => {
      const place = await openPlace();
      const error = await refusal(prepareBase({ ...place, source: packages({ mirror: 'http://127.0.0.1:1/debian' }) }));
      expect(error).toMatchObject({ code: 'KATAVM_BASE_BUILD_FAILED', hint: expect.stringContaining('cannot be reached') });
      await expectNothingLeft(place);
    },
    buildMilliseconds,
  );

  it(
    'ends at once when it is interrupted in the middle of an installation, and leaves nothing',
    async () => {
      const place = await openPlace();
      const interruption = new AbortController();
      const emit = (event: KatavmEvent) => {
        if (event.type === 'progress') interruption.abort();
      };
      const error = await refusal(prepareBase({ ...place, source: packages({}), emit, signal: interruption.signal }));
      expect(error.code).toBe('KATAVM_INTERRUPTED');
      await expectNothingLeft(place);
    },
    buildMilliseconds,
  );

  it('asks for a mirror where the host names none, and refuses one that would put a password into every guest', async () => {
    const aptDirectory = await temporaryDirectory();
    const wanted = { distribution: 'debian' as const, suite: 'bookworm', components: ['main'], architecture: 'amd64' };
    const asked = { distribution: 'debian' as const, suite: 'bookworm', include: [] };
    expect(await refusal(resolveSources(asked, wanted, aptDirectory))).toMatchObject({
      ...{ code: 'KATAVM_BASE_NO_MIRROR', hint: expect.stringContaining('mirror'), exitCode: 2 },
    });
    await mkdir(join(aptDirectory, 'sources.list.d'));
    const list = 'deb https://user:secret@mirror.example.org/debian bookworm main\n';
    await exec('tee', [join(aptDirectory, 'sources.list.d', 'site.list')], { input: list });
    const error = await refusal(resolveSources(asked, wanted, aptDirectory));
    expect(error.code).toBe('KATAVM_BASE_MIRROR_SECRET');
    expect(error.message).not.toContain('secret@');
  });
});
