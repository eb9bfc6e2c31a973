import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { exec, type KatavmEvent } from '@katavm/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkWithHost, compose } from '../src/index.js';

/** What cloud-init 22.4.2 and 21.1 answered to the three user-data below. */
const answers = `
case $(cat "$file") in
  *'"runcmd": 5'*)
    echo 'Cloud config schema deprecations: '
    printf "Error:\\nCloud config schema errors: runcmd: 5 is not of type 'array'\\n\\n" >&2
    exit 1 ;;
  *apt_update*) echo 'Cloud config schema deprecations: apt_update: DEPRECATED: Dropped after April 2027. Use package_update. Default: false, apt_upgrade: DEPRECATED: Dropped.' ;;
esac
echo "Valid cloud-config: $file"`;

const standIns: Readonly<Record<string, string>> = {
  'cloud-init 22.4': `[ "$1" = schema ] || exit 9; file=$3 ${answers}`,
  'cloud-init 21.1': `[ "$1 $2" = 'devel schema' ] || { echo "cloud-init: error: argument subcommand: invalid choice: '$1'" >&2; exit 2; }; file=$4 ${answers}`,
};

const real = process.env['KATAVM_TEST_CLOUD_INIT_PATH'] ?? process.env['PATH'] ?? '';
const hasReal =
  (
    await exec('sh', ['-c', 'command -v cloud-init'], {
      env: { PATH: `${real}${delimiter}${process.env['PATH']}` },
      acceptExitCodes: [0, 1, 127],
    })
  ).exitCode === 0;

const path = process.env['PATH'] ?? '';
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'katavm-host-'));
});
afterEach(async () => {
  process.env['PATH'] = path;
  await rm(folder, { recursive: true, force: true });
});

async function standIn(script: string): Promise<void> {
  await writeFile(join(folder, 'cloud-init'), `#!/bin/sh\n${script}\n`);
  await chmod(join(folder, 'cloud-init'), 0o755);
  process.env['PATH'] = `${folder}${delimiter}${path}`;
}

async function check(value: Record<string, unknown>) {
  const events: KatavmEvent[] = [];
  const own = { value, file: 'user-data', lineOf: () => 1 };
  const seed = compose({
    own,
    user: 'jenkins',
    hostname: 'h',
    instanceId: 'i',
    bootCommands: [['true']],
    proxy: { http: 'http://a:s3cret@proxy.example.com:1', git: 'socks5://proxy.example.com:1' },
  });
  const { checked } = await checkWithHost(seed, { emit: (event) => void events.push(event) });
  return { checked, notices: events.flatMap((event) => (event.type === 'notice' ? [`${event.code} ${event.message}`] : [])) };
}

const kinds = [...Object.keys(standIns), ...(hasReal ? ["the host's own"] : [])];

describe.each(kinds)('%s', (kind) => {
  beforeEach(async () => {
    const script = standIns[kind];
    if (script) await standIn(script);
    else process.env['PATH'] = `${real}${delimiter}${path}`;
  });

  it('finds nothing wrong with what katavm composes', async () => {
    expect(await check({ packages: ['jq'], users: [{ name: 'bob', 'lock-passwd': true }], groups: ['docker'] })).toEqual({
      checked: true,
      notices: [],
    });
  });

  it('tells of each deprecated key by a notice', async () => {
    const { checked, notices } = await check({ apt_update: true, apt_upgrade: true });
    expect(checked).toBe(true);
    expect(notices.map((notice) => notice.split(':')[0])).toEqual([
      'KATAVM_USER_DATA_DEPRECATED apt_update',
      'KATAVM_USER_DATA_DEPRECATED apt_upgrade',
    ]);
  });

  it('refuses user-data in its own words', async () => {
    await expect(check({ runcmd: 5 })).rejects.toMatchObject({
      code: 'KATAVM_USER_DATA_REFUSED',
      exitCode: 2,
      message: expect.stringContaining("runcmd: 5 is not of type 'array'"),
    });
  });
});

describe('a host whose cloud-init cannot check', () => {
  it('has none', async () => {
    process.env['PATH'] = folder;
    expect(await check({})).toEqual({ checked: false, notices: [] });
  });

  it('has one that is broken, or too old', async () => {
    await standIn(
      'printf "Traceback (most recent call last):\\nModuleNotFoundError: No module named \'configobj\'\\n" >&2; exit 1',
    );
    expect(await check({})).toEqual({ checked: false, notices: [] });
    await standIn('echo "cloud-init: error: invalid choice: $1" >&2; exit 2');
    expect(await check({})).toEqual({ checked: false, notices: [] });
  });
});
