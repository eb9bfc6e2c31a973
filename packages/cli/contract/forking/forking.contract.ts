import { X509Certificate } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readYaml } from '@katavm/core/document';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Company } from './company.js';
import { writeDocumentedFiles } from './documented-files.js';

// docs/forking.md, done: its files are written from the page, beside a katavm that was installed from packed packages.

let company: Company;
/** Where katavm is installed, unchanged. */
let released: string;
/** Where @acme/cloudinit is written. */
let source: string;
/** What a guest is told where no site adds anything. */
let plain: Record<string, unknown>;

beforeAll(async () => {
  company = await Company.found();
  released = await company.makeFolder('released');
  await company.npm(released, ['install', '@katavm/cli']);
  plain = await guestOf(released);
  const folder = await company.makeFolder('source');
  await writeDocumentedFiles('2. A module', folder);
  source = join(folder, 'acme-cloudinit');
  await company.useRegistry(source);
  await company.npm(source, ['install']);
  await company.npm(source, ['pack', '--pack-destination', folder]);
  await company.registry.publish(join(folder, 'acme-cloudinit-1.0.0.tgz'));
});

afterAll(() => company?.close());

/** What a guest made by this katavm would be told. */
async function guestOf(katavm: string, site?: string): Promise<Record<string, unknown>> {
  const env = site === undefined ? {} : { KATAVM_SITE: site };
  const { stdout } = await company.katavm(katavm, ['config', 'user-data', 'debian12'], { env });
  return readYaml(stdout, { file: 'stdout', version: '1.1' }).value as Record<string, unknown>;
}

/** The guest without any site's addition, and what Acme adds. */
function expectAcmeGuest(guest: Record<string, unknown>): void {
  const { ca_certs, apt, ...others } = guest as { ca_certs: { trusted: string[] }; apt: unknown };
  expect(ca_certs.trusted.map((pem) => new X509Certificate(pem).subject)).toEqual(['CN=Acme Example CA']);
  expect(apt).toEqual({
    primary: [{ arches: ['default'], uri: 'https://mirror.example.com/debian' }],
    security: [{ arches: ['default'], uri: 'https://mirror.example.com/debian-security' }],
  });
  expect(others).toEqual(plain);
}

test('without any of the three ways, a guest gets neither a CA nor a mirror', () => {
  expect(plain).toMatchObject({ users: [{ name: 'jenkins' }] });
  expect(Object.keys(plain)).not.toContain('ca_certs');
  expect(Object.keys(plain)).not.toContain('apt');
});

test('data: the site file adds the CA and the mirror to every guest', async () => {
  const etc = await company.makeFolder('etc-data');
  await writeDocumentedFiles('1. Data', etc);
  expectAcmeGuest(await guestOf(released, join(etc, 'site.yaml')));
});

describe('a module that the site file names', () => {
  let etc: string;

  beforeAll(async () => {
    etc = await company.makeFolder('etc-module');
    await writeDocumentedFiles('2. A module', etc);
    await company.npm(company.folder, ['install', '--prefix', etc, '@acme/cloudinit']);
  });

  async function siteWith(name: string, lines: readonly string[]): Promise<string> {
    const file = join(etc, name);
    await writeFile(file, `${lines.join('\n')}\n`);
    return file;
  }

  test('adds them, installed beside the site file', async () => {
    expectAcmeGuest(await guestOf(released, join(etc, 'site.yaml')));
  });

  test('adds them, named by its path from there', async () => {
    expectAcmeGuest(
      await guestOf(released, await siteWith('path.yaml', ['modules: {cloudinit: ../source/acme-cloudinit/index.js}'])),
    );
  });

  test("keeps the site file's own CAs beside its own, and lets its apt settings win", async () => {
    const lines = ['modules: {cloudinit: "@acme/cloudinit"}', 'cloudConfig: {ca_certs: {trusted: [OTHER]}, apt: {primary: []}}'];
    const guest = await guestOf(released, await siteWith('both.yaml', lines));
    expect(guest).toMatchObject({ ca_certs: { trusted: ['OTHER', expect.any(String)] }, apt: { primary: [] } });
  });

  test("tells a mistake in user-data as katavm's own does, though another copy of it finds the mistake", async () => {
    const config = join(etc, 'mistaken');
    await mkdir(config);
    await writeFile(join(config, 'katavm.yaml'), 'version: 1\nbase: {path: user-data}\n');
    await writeFile(join(config, 'user-data'), '#cloud-config\nusers: [jenkins]\n');
    const told = (site: string) =>
      company.katavm(released, ['config', 'validate', config], { env: { KATAVM_SITE: site }, acceptExitCodes: [2] });
    const { stderr } = await told(join(etc, 'site.yaml'));
    expect(stderr).toMatch(/^error\[KATAVM_USER_DATA_REDEFINES_USER\].*\n.*user-data:2/);
    expect(stderr).toBe((await told('')).stderr);
  });

  test.each([
    ['is not installed', '"@acme/absent"', undefined, "Cannot find package '@acme/absent'"],
    ['is not there', './absent.js', undefined, 'Cannot find module'],
    ['is not JavaScript', './broken.mjs', 'export const adapter = {', 'Unexpected'],
    ['has a part of the functions', './part.mjs', 'export const adapter = { compose() {} };', 'lacks readUserData'],
  ])('that %s is refused before anything else happens', async (_, specifier, text, why) => {
    if (text !== undefined) await writeFile(join(etc, specifier), text);
    const env = { KATAVM_SITE: await siteWith('bad.yaml', [`modules: {cloudinit: ${specifier}}`]) };
    for (const args of [
      ['config', 'validate', 'debian12'],
      ['master', 'build', 'debian12', '--dry-run'],
    ]) {
      const { stdout, stderr } = await company.katavm(released, args, { env, acceptExitCodes: [2] });
      expect(stderr).toMatch(/^error\[KATAVM_SITE_MODULE_UNUSABLE\]: the site's module for cloudinit/);
      expect(stderr).toContain(why);
      expect(stderr).not.toMatch(/^ +at /m);
      expect(stdout).toBe('');
    }
    expect(await readdir(company.folder)).not.toContain('state');
  });
});

describe('the suite that @katavm/cloudinit exports, run by the site package', () => {
  // Where its output is no terminal, Node 22 prints TAP without being asked, and 24 does not.
  const tap = ['test', '--', '--test-reporter=tap'];

  test('passes for the wrapper', async () => {
    const { stdout } = await company.npm(source, tap);
    expect(stdout).toMatch(/^# pass [1-9]\d*$/m);
    expect(stdout).toMatch(/^# fail 0$/m);
  });

  test('fails for one that loses what makes a guest reachable', async () => {
    const index = join(source, 'index.js');
    const good = await readFile(index, 'utf8');
    const broken = good.replace('site: withAcme(input.site)', 'site: withAcme(input.site), bootCommands: []');
    expect(broken).not.toBe(good);
    await writeFile(index, broken);
    try {
      const { stdout } = await company.npm(source, tap, { acceptExitCodes: [1] });
      expect(stdout).toMatch(/^ +not ok \d+ - runs katavm's boot commands first/m);
    } finally {
      await writeFile(index, good);
    }
  });
});

describe('a dependency override', () => {
  test('of npm puts the package in the place of @katavm/cloudinit', async () => {
    const folder = await company.makeFolder('override-npm');
    await writeDocumentedFiles('3. A dependency override', folder);
    await company.npm(folder, ['install']);
    expectAcmeGuest(await guestOf(folder));
  });

  test('of pnpm does, too', async () => {
    const folder = await company.makeFolder('override-pnpm');
    await writeDocumentedFiles('3. A dependency override', folder);
    await company.useRegistry(join(folder, 'pnpm'));
    await company.pnpm(join(folder, 'pnpm'), ['install']);
    expectAcmeGuest(await guestOf(join(folder, 'pnpm')));
  });
});
