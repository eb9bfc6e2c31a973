import type { CloudInitAdapter } from '../adapter.js';
import type { TestFramework } from './test-framework.js';

function status(final: object, stage: string | null): string {
  const ended = { errors: [], start: 1, finished: 2 };
  return JSON.stringify({
    v1: {
      datasource: 'DataSourceNoCloud',
      'init-local': ended,
      init: ended,
      'modules-config': ended,
      'modules-final': final,
      stage,
    },
  });
}

const result = JSON.stringify({ v1: { datasource: 'DataSourceNoCloud', errors: [] } });

export function promiseReports(adapter: CloudInitAdapter, { describe, it, expect }: TestFramework): void {
  describe('readReport', () => {
    it('tells not-started, running, done, degraded and failed apart', () => {
      const running = status({ errors: [], start: 3, finished: null }, 'modules-final');
      const done = status({ errors: [], start: 3, finished: 4 }, null);
      const degraded = status({ errors: [], recoverable_errors: { WARNING: ['a'] }, start: 3, finished: 4 }, null);
      const failed = status({ errors: ['b'], start: 3, finished: 4 }, null);
      expect(adapter.readReport({})).toMatchObject({ state: 'not-started' });
      expect(adapter.readReport({ status: running })).toMatchObject({ state: 'running', stage: 'modules-final' });
      expect(adapter.readReport({ status: done, result })).toMatchObject({ state: 'done', errors: [], recoverableErrors: [] });
      expect(adapter.readReport({ status: degraded, result })).toMatchObject({ state: 'degraded' });
      expect(adapter.readReport({ status: failed, result })).toMatchObject({ state: 'failed', errors: ['b'] });
    });

    it('does not judge by a file that is being written', () => {
      expect(adapter.readReport({ status: status({}, null).slice(0, 40) })).toMatchObject({ state: 'not-started' });
    });
  });

  describe('stageOfConsoleLine', () => {
    it('knows the stages and the end, and nothing else', () => {
      expect(adapter.stageOfConsoleLine("[ 9.1] cloud-init[5]: Cloud-init v. 22.4.2 running 'modules:config' at Tue")).toBe(
        'modules-config',
      );
      expect(adapter.stageOfConsoleLine('Cloud-init v. 22.4.2 finished at Tue')).toBe('finished');
      expect(adapter.stageOfConsoleLine('debian login: ')).toBe(undefined);
    });
  });

  describe('explainFailure', () => {
    it('names the module, and shows what the packages said', () => {
      const log =
        "2026-01-02 03:04:05,678 - util.py[WARNING]: Running module package-update-upgrade-install (<module 'x'>) failed\n";
      const failure = adapter.explainFailure({ log, output: 'Reading package lists...\nE: Unable to locate package xyz\n' });
      expect(failure.module).toBe('package_update_upgrade_install');
      expect(failure.lines).toContain('E: Unable to locate package xyz');
    });
  });
}
