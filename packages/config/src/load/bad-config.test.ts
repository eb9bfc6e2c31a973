import { describe, expect, test } from 'vitest';
import { load, smallest } from '../testing/folders.js';

const base = 'version: 1\nbase: {packages: {suite: bookworm}}\n';

describe.each<[fact: string, config: string | object, code: string, message: RegExp]>([
  ['text that is not YAML', 'version: 1\n a: [', 'KATAVM_YAML_INVALID', /katavm\.yaml:\d+:\d+/],
  ['a list in place of a mapping', '- a\n', 'KATAVM_CONFIG_INVALID', /katavm\.yaml:1: .*expected object/],
  ['an empty file', '', 'KATAVM_CONFIG_VERSION', /katavm\.yaml:1: it says no version/],
  ['a file without a version', 'base: {path: /x}\n', 'KATAVM_CONFIG_VERSION', /katavm\.yaml:1: it says no version/],
  ['a later version, whatever its keys', '# later\nversion: 2\nnew: 1\n', 'KATAVM_CONFIG_VERSION', /:2: version 2 is not known/],
  ['no base', 'version: 1\n', 'KATAVM_CONFIG_INVALID', /katavm\.yaml:1: base must be/],
  ['an empty base', 'version: 1\nbase: {}\n', 'KATAVM_CONFIG_INVALID', /katavm\.yaml:\d: base\.packages is missing/],
  [
    'a base of two kinds',
    'version: 1\nbase:\n  url: http://example.org/a\n  path: /x\n',
    'KATAVM_CONFIG_INVALID',
    /:4: base\.path does not go with/,
  ],
  ['a base without its suite', 'version: 1\nbase:\n  packages: {}\n', 'KATAVM_CONFIG_INVALID', /:3: base\.packages\.suite .*/],
  [
    'a wrong suite',
    'version: 1\nbase:\n  packages:\n    suite: Book worm\n',
    'KATAVM_CONFIG_INVALID',
    /:4: base\.packages\.suite .*must be/,
  ],
  [
    'an image that nothing verifies',
    'version: 1\nbase:\n  url: http://example.org/a\n',
    'KATAVM_CONFIG_INVALID',
    /:2: base .*give exactly one/,
  ],
  [
    'a misspelt key',
    `${base}vm:\n  memroy: 2GiB\n`,
    'KATAVM_CONFIG_UNKNOWN_KEY',
    /:4: unknown key "vm\.memroy"; did you mean "memory"\?/,
  ],
  ['a misspelt section', `${base}agnet: {}\n`, 'KATAVM_CONFIG_UNKNOWN_KEY', /:3: unknown key "agnet"; did you mean "agent"\?/],
  [
    'a size without a unit',
    `${base}vm:\n  memory: "2048"\n`,
    'KATAVM_CONFIG_INVALID',
    /:4: vm\.memory .*"2048" is not a size; write/,
  ],
  ['a size that is a number', `${base}vm:\n  disk: 10\n`, 'KATAVM_CONFIG_INVALID', /:4: vm\.disk .*expected string/],
  [
    'a duration without a unit',
    `${base}cloudInit:\n  timeout: "30"\n`,
    'KATAVM_CONFIG_INVALID',
    /:4: cloudInit\.timeout .*must be a duration/,
  ],
  ['no vCPU', `${base}vm:\n  vcpus: 0\n`, 'KATAVM_CONFIG_INVALID', /:4: vm\.vcpus .*/],
  ['root as the guest user', `${base}guest:\n  user: root\n`, 'KATAVM_CONFIG_INVALID', /:4: guest\.user .*must not be root/],
  [
    'a user name of other letters',
    `${base}guest:\n  user: Jenkins CI\n`,
    'KATAVM_CONFIG_INVALID',
    /:4: guest\.user .*must be a user name/,
  ],
  [
    'a hostname that DNS refuses',
    `${base}guest:\n  hostname: -a.b\n`,
    'KATAVM_CONFIG_INVALID',
    /:4: guest\.hostname .*"-a\.b" cannot be/,
  ],
  [
    'a file with two contents',
    `${base}complete:\n  files:\n    - {source: a, content: b, target: /a}\n`,
    'KATAVM_CONFIG_INVALID',
    /:5: .*exactly one/,
  ],
  [
    'a target that is not absolute',
    `${base}complete:\n  files:\n    - {content: b, target: a}\n`,
    'KATAVM_CONFIG_INVALID',
    /:5: complete\.files\.0\.target/,
  ],
  [
    'an unknown variable',
    `${base}complete:\n  files:\n    - {content: b, target: "/{{ hostname }}"}\n`,
    'KATAVM_CONFIG_INVALID',
    /:5: .*\{\{hostname\}\}/,
  ],
  [
    'a mode that YAML reads as a number',
    `${base}complete:\n  files:\n    - {content: b, target: /a, mode: 0644}\n`,
    'KATAVM_CONFIG_INVALID',
    /:5: .*in quotes/,
  ],
  [
    'an unknown key of a command',
    `${base}complete:\n  checks:\n    - run: "true"\n      tiemout: 5s\n`,
    'KATAVM_CONFIG_UNKNOWN_KEY',
    /:6: .*did you mean "timeout"/,
  ],
  [
    'a file that is not there',
    `${base}cloudInit:\n  userData: user-dta\n`,
    'KATAVM_CONFIG_FILE_MISSING',
    /:4: cloudInit\.userData: there is no file .*\/configs\/test\/user-dta/,
  ],
])('%s', (_, config, code, message) => {
  test('is an error that names the line, with exit code 2', async () => {
    await expect(load({ config })).rejects.toMatchObject({ code, exitCode: 2, message: expect.stringMatching(message) });
  });
});

test('every problem is told at once', async () => {
  const config = { ...smallest, vm: { vcpus: -1, memory: 'much' }, guest: { user: 'root' } };
  await expect(load({ config })).rejects.toMatchObject({
    message: expect.stringMatching(/vm\.vcpus[\s\S]*vm\.memory[\s\S]*guest\.user/),
    details: {
      problems: expect.arrayContaining([expect.objectContaining({ where: expect.stringMatching(/katavm\.yaml:\d+$/) })]),
    },
  });
});
