import { describe, expect, it } from 'vitest';
import { isKatavmError } from '../errors/katavm-error.js';
import { z } from '../schema/index.js';
import { validate } from './validate.js';
import { readYaml } from './yaml-document.js';

const schema = z.strictObject({
  base: z.union([
    z.strictObject({ packages: z.strictObject({ suite: z.string(), include: z.array(z.string()).default([]) }) }),
    z.strictObject({ url: z.string(), sha256: z.string() }),
    z.strictObject({ path: z.string() }),
  ]),
  vm: z.strictObject({ memory: z.string(), vcpus: z.int().min(1).default(1) }).optional(),
  disk: z.union([z.string(), z.number()]).optional(),
  network: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('user') }),
      z.strictObject({ kind: z.literal('bridge'), name: z.string() }),
    ])
    .optional(),
  files: z.array(z.strictObject({ source: z.string(), target: z.string() })).default([]),
  users: z.record(z.string(), z.strictObject({ shell: z.string().optional() })).default({}),
});

/** What a person is told about a config with this text, line by line. */
function told(text: string): { code: string; lines: string[] } {
  const document = readYaml(text, { file: 'k' });
  try {
    validate({
      value: document.value,
      schema,
      place: (path) => `k:${document.lineOf(path)}`,
      subject: 'config x',
      code: 'KATAVM_CONFIG_INVALID',
      unknownKeyCode: 'KATAVM_CONFIG_UNKNOWN_KEY',
    });
  } catch (error) {
    if (!isKatavmError(error)) throw error;
    expect(error.exitCode).toBe(2);
    return { code: error.code, lines: error.message.split('\n').slice(1) };
  }
  return { code: 'valid', lines: [] };
}

describe('a config that is not valid', () => {
  it.each([
    ['vm: {memroy: 2GiB, memory: 1GiB}', 'unknown key "vm.memroy"; did you mean "memory"?'],
    ['files: [{source: a, target: b, tarfet: c}]', 'unknown key "files.0.tarfet"; did you mean "target"?'],
    ['users: {jenkins: {shel: sh}}', 'unknown key "users.jenkins.shel"; did you mean "shell"?'],
    ['network: {kind: bridge, name: br0, nmae: br0}', 'unknown key "network.nmae"; did you mean "name"?'],
    ['zzzzzzzzz: 1', 'unknown key "zzzzzzzzz"'],
  ])('names the unknown key and the nearest known one: %s', (text, what) => {
    expect(told(`base: {path: a}\n${text}\n`)).toEqual({ code: 'KATAVM_CONFIG_UNKNOWN_KEY', lines: [`  k:2: ${what}`] });
  });

  it.each([
    ['base: {pakages: {suite: a}}', 'unknown key "base.pakages"; did you mean "packages"?'],
    ['base: {packages: {suite: a, includes: []}}', 'unknown key "base.packages.includes"; did you mean "include"?'],
    ['base: {url: a}', 'base.sha256 is missing (string)'],
    ['base: {path: a, url: b}', 'base.url does not go with the other keys beside it'],
    ['base: 3', 'base must be object'],
  ])('with a part that can be written in several ways, is judged by the nearest way: %s', (text, what) => {
    expect(told(text).lines[0]).toBe(`  k:1: ${what}`);
  });

  it.each([
    ['disk: []', 'disk must be string or number'],
    ['vm: {}', 'vm.memory is missing (string)'],
    ['vm: {memory: 1GiB, vcpus: 0}', 'vm.vcpus is not valid: Too small: expected number to be >=1'],
  ])('says in plain words what is expected: %s', (text, what) => {
    expect(told(`base: {path: a}\n${text}\n`)).toEqual({ code: 'KATAVM_CONFIG_INVALID', lines: [`  k:2: ${what}`] });
  });

  it('is told of all its problems at once, each with its line', () => {
    expect(told('base:\n  path: 3\nvm:\n  memory: 1\n  cpu: 2\n').lines).toEqual([
      '  k:2: base.path is not valid: expected string, received number',
      '  k:4: vm.memory is not valid: expected string, received number',
      '  k:5: unknown key "vm.cpu"',
    ]);
  });
});
