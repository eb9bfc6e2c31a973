import { describe, expect, it } from 'vitest';
import { readReport } from './read-report.js';
import { bionic, bookworm, noble } from './testdata/status-texts.js';

describe('how far cloud-init is', () => {
  it('is unknown until cloud-init has written anything', () => {
    expect(readReport({}).state).toBe('not-started');
    expect(readReport({ extended: bookworm.notRun }).state).toBe('not-started');
  });

  it('is running between two stages, although no stage is named then', () => {
    expect(readReport({ status: bionic.runningBetweenStages })).toMatchObject({ state: 'running', errors: [] });
    expect(readReport({ status: bionic.runningBetweenStages })).not.toHaveProperty('stage');
  });

  it('names the stage, from the file where the command does not tell it', () => {
    expect(readReport(bookworm.running)).toMatchObject({ state: 'running', stage: 'modules-final' });
  });

  it('is done only after the last stage', () => {
    expect(readReport(bionic.done)).toEqual({ state: 'done', errors: [], recoverableErrors: [] });
    expect(readReport({ status: bionic.done.status }).state).toBe('done');
  });

  it('is failed at the first error of any stage, in the words of cloud-init', () => {
    const report = readReport(bookworm.failed);
    expect(report.state).toBe('failed');
    expect(report.errors).toEqual([expect.stringContaining('Runparts: 1 failures (runcmd)')]);
  });

  it('is degraded, not failed, where all errors are recoverable, and tells each once', () => {
    const report = readReport(noble.degraded);
    expect(report.state).toBe('degraded');
    expect(report.recoverableErrors).toEqual([
      'WARNING: Failed to set locale xx_XX',
      "DEPRECATED: Key 'lock-passwd' is deprecated",
    ]);
    expect(readReport({ status: noble.degraded.status }).state).toBe('degraded');
  });

  it('is still running while it is degraded and has stages to go', () => {
    expect(readReport({ extended: noble.degradedRunning })).toMatchObject({ state: 'running', stage: 'modules-config' });
  });

  it('is failed where a unit of cloud-init failed and no stage says so', () => {
    expect(readReport({ ...bionic.done, extended: noble.unitFailed })).toMatchObject({
      state: 'failed',
      errors: [expect.stringContaining('DataSourceNoCloud')],
    });
  });

  it('is disabled where the guest says so', () => {
    expect(readReport({ extended: noble.disabled }).state).toBe('disabled');
  });

  it('is not judged from a file that is being written', () => {
    const whole = bookworm.failed.status;
    for (const length of [0, 1, 20, whole.length - 1])
      expect(readReport({ status: whole.slice(0, length) }).state).toBe('not-started');
    expect(readReport({ ...bookworm.running, result: '{"v1": {"datasource"' }).state).toBe('running');
    expect(readReport({ status: 'null', result: '[]', extended: '"x"' }).state).toBe('not-started');
  });
});
