import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readNetworkConfig } from './read-network-config.js';
import { readUserData } from './read-user-data.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'katavm-cloudinit-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function read(content: string | Uint8Array) {
  const file = join(folder, 'user-data');
  await writeFile(file, content);
  return readUserData(file);
}

describe("a config's user-data", () => {
  it('is read as PyYAML reads it, and keeps its line numbers', async () => {
    const { value, lineOf } = await read('#cloud-config\npackages: [jq]\npackage_update: yes\nmounts:\n- [tmpfs, /tmp]\n');
    expect(value).toEqual({ packages: ['jq'], package_update: true, mounts: [['tmpfs', '/tmp']] });
    expect(lineOf(['mounts', 0])).toBe(5);
  });

  it('may hold nothing but its first line', async () => {
    expect((await read('#cloud-config\r\n')).value).toEqual({});
  });

  it('may keep anchors in keys that begin with x-, which do not reach the guest', async () => {
    const text = '#cloud-config\nx-mode: &mode {permissions: "0600"}\nwrite_files:\n- path: /a\n  <<: *mode\n';
    expect((await read(text)).value).toEqual({ write_files: [{ path: '/a', permissions: '0600' }] });
  });

  it.each([
    ['#!/bin/sh\necho hi\n', /it is a script/],
    ['## template: jinja\n#cloud-config\n', /jinja/],
    ['Content-Type: multipart/mixed; boundary="x"\n', /MIME/],
    ['#include\nhttps://example.com/x\n', /list of URLs/],
    ['\n#cloud-config\n', /before "#cloud-config"/],
    ['\ufeff#cloud-config\n', /byte order mark/],
    ['#cloud-config-archive\n', /archive/],
    ['packages: [jq]\n', /does not begin with "#cloud-config"/],
    ['', /is empty/],
    ['#cloud-config\n- packages\n', /stands a list/],
    ['#cloud-config\npackages\n', /stands a string/],
  ])('is told what it is where it is no cloud-config: %j', async (content, message) => {
    await expect(read(content)).rejects.toMatchObject({
      code: 'KATAVM_USER_DATA_NOT_CLOUD_CONFIG',
      message: expect.stringMatching(message),
      hint: expect.any(String),
      exitCode: 2,
    });
  });

  it('must be text: neither gzip nor Latin-1', async () => {
    const code = 'KATAVM_USER_DATA_NOT_CLOUD_CONFIG';
    await expect(read(Uint8Array.of(0x1f, 0x8b, 8, 0, 0xff))).rejects.toMatchObject({
      code,
      message: expect.stringContaining('gzip'),
    });
    await expect(read(Buffer.from('#cloud-config\nlocale: é\n', 'latin1'))).rejects.toMatchObject({
      code,
      message: expect.stringContaining('UTF-8'),
    });
  });

  it('that is not YAML is an error with line and column', async () => {
    await expect(read('#cloud-config\npackages:\n  - jq\n bc: [\n')).rejects.toMatchObject({
      code: 'KATAVM_USER_DATA_NOT_YAML',
      exitCode: 2,
      message: expect.stringMatching(/user-data:4:\d+ is not valid YAML/),
    });
  });

  it('that is missing or a folder is an error that names it', async () => {
    await expect(readUserData(join(folder, 'nothing'))).rejects.toMatchObject({ code: 'KATAVM_USER_DATA_MISSING', exitCode: 2 });
    await expect(readUserData(folder)).rejects.toMatchObject({
      code: 'KATAVM_USER_DATA_MISSING',
      message: expect.stringContaining('folder'),
    });
  });

  it.each([
    ['packges: [jq]', 2, 'did you mean "packages"'],
    ['quite_different: 1', 2, 'unknown key "quite_different"'],
    ['runcmd:\n- [echo, 5]', 3, 'must be text, and YAML reads the number 5; put it in quotes'],
    ['write_files:\n- path: /x\n  permissions: 0644', 4, 'the number 420'],
    ['users:\n- name: bob\n  lock_paswd: true', 4, 'did you mean "lock_passwd"'],
    ['users:\n- [a]\n- 5', 4, 'must be text, a list or a mapping'],
    ['runcmd: apt-get update', 2, 'runcmd'],
    ['apt:\n  http_porxy: http://x', 3, 'did you mean "http_proxy"'],
    ['growpart: {mode: maybe}', 2, 'growpart.mode'],
    ['swap:\n  size: 123456789012345678901234567890', 3, 'more digits'],
    ['ssh:\n  a: &a [*a]', 3, 'alias'],
  ])('with a mistake is an error that names the line: %j', async (content, line, message) => {
    const error = await read(`#cloud-config\n${content}\n`).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'KATAVM_USER_DATA_INVALID', exitCode: 2 });
    expect(String(error)).toContain(`user-data:${line}: `);
    expect(String(error)).toContain(message);
  });

  it('tells all its mistakes at once', async () => {
    const error = await read('#cloud-config\npackges: [a]\nruncmd: 5\n').catch((reason: unknown) => reason);
    expect(String(error)).toMatch(/user-data:2: [\s\S]*user-data:3: |user-data:3: [\s\S]*user-data:2: /);
  });
});

describe("a config's network-config", () => {
  async function readNetwork(content: string) {
    const file = join(folder, 'network-config');
    await writeFile(file, content);
    return readNetworkConfig(file);
  }

  it('is version 1 or 2, also below "network"', async () => {
    expect(await readNetwork('version: 2\nethernets: {}\n')).toEqual({ version: 2, ethernets: {} });
    expect(await readNetwork('network: {version: 1, config: []}\n')).toEqual({ network: { version: 1, config: [] } });
  });

  it('of another kind is an error with its line', async () => {
    await expect(readNetwork('network:\n  version: 3\n')).rejects.toMatchObject({
      code: 'KATAVM_NETWORK_CONFIG_INVALID',
      message: expect.stringContaining('network-config:2: '),
    });
    await expect(readNetwork('- 1\n')).rejects.toMatchObject({ code: 'KATAVM_NETWORK_CONFIG_INVALID', exitCode: 2 });
  });
});
