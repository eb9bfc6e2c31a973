import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compose, readUserData } from '@katavm/cloudinit';
import { expect, test } from 'vitest';
import { listConfigs } from './find/list-configs.js';
import { loadConfig } from './load/load-config.js';
import { emptyEnvironment } from './testing/folders.js';

const cwd = fileURLToPath(new URL('../../..', import.meta.url));
const env = emptyEnvironment;
/** What the agent, the metrics and merge builds call. */
const programs = ['java', 'sysbench', 'docker', 'go', 'jq', 'bc', 'gawk', 'git', 'checkmetrics'];
const names = ['debian12', 'debian12-cloud', 'debian13', 'debian13-cloud', 'fedora', 'ubuntu16.04', 'ubuntu24.04'];

test('these configs are shipped', async () => {
  const shipped = (await listConfigs({ cwd, env })).filter(({ directory }) => directory.startsWith(join(cwd, 'configs')));
  expect(shipped.map(({ name }) => name)).toEqual(names);
});

test.each(names)('%s is valid without a site file, and checks what metrics work needs', async (name) => {
  const config = await loadConfig({ nameOrPath: `./configs/${name}`, cwd, env });
  const checks = config.complete.checks.map(({ run }) => run).join('\n');
  for (const program of programs) expect(checks).toMatch(new RegExp(`\\b${program}\\b`));
  expect(config.complete.files.map(({ target }) => target)).toContain(
    `/etc/checkmetrics/checkmetrics-json-${config.guest.hostname}.toml`,
  );
});

test.each(names)('%s has user-data that katavm takes', async (name) => {
  const { cloudInit } = await loadConfig({ nameOrPath: `./configs/${name}`, cwd, env });
  const own = await readUserData(cloudInit.userDataFile ?? '');
  const seed = compose({ own, user: 'jenkins', hostname: 'test', instanceId: 'i-1', bootCommands: [] });
  expect(seed.userData).toMatch(/^#cloud-config/);
});

test.each(names)('%s tells editors where the schema is, and shares what all of them complete a master with', async (name) => {
  const text = await readFile(join(cwd, 'configs', name, 'katavm.yaml'), 'utf8');
  expect(text.split('\n')[0]).toBe('# yaml-language-server: $schema=../../packages/config/schema.json');
  expect(text).toContain('\nextends: ../metrics/metrics.yaml\n');
});

test('the baseline is one that checkmetrics can read: each metric has a filter, and either a range or a middle with its limits', async () => {
  const text = await readFile(join(cwd, 'configs/metrics/checkmetrics.toml'), 'utf8');
  const metrics = text.split('\n[[metric]]\n').slice(1);
  expect(metrics.length).toBeGreaterThan(2);
  for (const metric of metrics) {
    const keys = [...metric.matchAll(/^([a-z]+) = /gm)].map((match) => match[1]);
    expect(keys).toEqual(expect.arrayContaining(['name', 'checkvar', 'checktype']));
    const limits = keys.filter((key) => /^(min|max|mid)/.test(key ?? ''));
    expect([
      ['minval', 'maxval'],
      ['midval', 'minpercent', 'maxpercent'],
    ]).toContainEqual(limits);
  }
});
