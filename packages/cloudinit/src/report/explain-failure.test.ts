import { describe, expect, it } from 'vitest';
import { stageOfConsoleLine } from './console.js';
import { explainFailure } from './explain-failure.js';
import { failedCommand, missingPackage } from './testdata/logs.js';

describe('why cloud-init failed', () => {
  it('shows apt its own errors when a package cannot be installed', () => {
    const { module, lines } = explainFailure(missingPackage);
    expect(module).toBe('package_update_upgrade_install');
    expect(lines).toContain('E: Unable to locate package no-such-thing');
    expect(lines).toContain('Exit code: 100');
    expect(lines.join('\n')).not.toMatch(/a word about time|Reading package lists/);
  });

  it('shows what a runcmd printed last, before the failure was told', () => {
    const { module, lines } = explainFailure(failedCommand);
    expect(module).toBe('scripts_user');
    expect(lines).toContain('curl: (22) The requested URL returned error: 404');
    expect(lines).toContain('RuntimeError: Runparts: 1 failures (runcmd) in 1 attempted commands');
    expect(lines.length).toBeLessThanOrEqual(20);
    expect(lines.join('\n')).not.toContain('finished at');
  });

  it('never shows the password of a proxy', () => {
    const log = '2026-01-02 03:04:05,678 - url_helper.py[WARNING]: cannot reach http://jenkins:s3cret@proxy.example.com:3128/\n';
    const { module, lines } = explainFailure({ log, output: '' });
    expect(module).toBeUndefined();
    expect(lines.join('\n')).toContain('http://***@proxy.example.com:3128/');
    expect(JSON.stringify(explainFailure(missingPackage))).not.toContain('s3cret');
  });

  it('falls back on the last of the output where the log says nothing', () => {
    expect(explainFailure({ log: '', output: 'one\n\ntwo\n' })).toEqual({ module: undefined, lines: ['one', 'two'] });
  });
});

describe('the console', () => {
  const lines: [line: string, stage: string | undefined][] = [
    [
      "[   12.301] cloud-init[345]: Cloud-init v. 22.4.2 running 'init-local' at Tue, 29 May 2018 15:42:43 +0000. Up 5.4 seconds.",
      'init-local',
    ],
    ["cloud-init[1]: Cloud-init v. 24.1.3-0ubuntu1~22.04.1 running 'init' at Tue, 29 May 2018 15:42:43 +0000.", 'init'],
    ["Cloud-init v. 18.2 running 'modules:config' at Tue, 29 May 2018 15:42:43 +0000. Up 9 seconds.\r", 'modules-config'],
    ["Cloud-init v. 18.2 running 'modules:final' at Tue", 'modules-final'],
    ['[  123.456789] cloud-init[1234]: Cloud-init v. 18.2 finished at Tue, 29 May 2018 15:42:43 +000', 'finished'],
    ['debian login: ', undefined],
  ];
  it.each(lines)('%s announces %s', (line, stage) => {
    expect(stageOfConsoleLine(line)).toBe(stage);
  });
});
