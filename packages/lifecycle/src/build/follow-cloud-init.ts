import { writeFile } from 'node:fs/promises';
import type { CloudInitReport } from '@katavm/cloudinit';
import { type KatavmError, trackStep, waitFor } from '@katavm/core';
import type { Context } from '../context/context.js';
import { type BuildVm, buildFailed } from './build-vm.js';
import { partialFiles } from './partial-build.js';

/**
 * Follows cloud-init in the build's VM to its end, and tells the stage it is in. Stops at the first failure.
 *
 * @returns `done` or `degraded`.
 * @throws KATAVM_CLOUD_INIT_FAILED with the failing module and its own lines, KATAVM_WAIT_TIMED_OUT.
 */
export async function followCloudInit(
  context: Context,
  vm: BuildVm,
  timeoutMilliseconds: number,
  signal: AbortSignal,
): Promise<'done' | 'degraded'> {
  return trackStep(context.emit, 'cloud-init', vm.build.config, async () => {
    const report = await waitForEnd(context, vm, timeoutMilliseconds, signal);
    await keepLogs(vm, signal);
    if (report.state === 'failed') throw await explainFailure(context, vm, report);
    if (report.state === 'disabled') throw await cloudInitDisabled(vm);
    if (report.state === 'degraded') noticeDegraded(context, report);
    return report.state === 'degraded' ? 'degraded' : 'done';
  });
}

const separator = '--katavm--';
/** Reading three files costs a command over SSH, 50 ms on a real guest and half a second on an emulated one. */
const everyMilliseconds = 1000;

async function waitForEnd(
  context: Context,
  vm: BuildVm,
  timeoutMilliseconds: number,
  signal: AbortSignal,
): Promise<CloudInitReport> {
  const report = await waitFor(
    {
      name: 'cloud-init to end',
      timeoutMilliseconds,
      everyMilliseconds,
      hint: `a package or command in user-data may hang: see ${partialFiles(vm.directory).console}, or raise cloudInit.timeout`,
      probe: async (probeSignal) => {
        const found = await readReport(context, vm, probeSignal);
        // The first error ends the wait: later stages would only build on what is broken.
        return found.errors.length > 0 || !['not-started', 'running'].includes(found.state) ? found : undefined;
      },
    },
    { signal, emit: context.emit },
  );
  return report.errors.length > 0 && report.state === 'running' ? { ...report, state: 'failed' } : report;
}

/** cloud-init's own files first: they cost no Python. Its command, where it is new enough, knows more at the end. */
async function readReport(context: Context, vm: BuildVm, signal: AbortSignal): Promise<CloudInitReport> {
  const files = ['/run/cloud-init/status.json', '/run/cloud-init/result.json'];
  const { stdout } = await vm.session.run(files.map((file) => `cat ${file} 2>/dev/null; echo; echo ${separator}`).join('; '), {
    signal,
  });
  const [status, result] = stdout.split(separator).map((text) => text.trim() || undefined);
  const { cloudinit } = context.adapters;
  if (result === undefined) return cloudinit.readReport({ status, result });
  const extended = await vm.session.run('cloud-init status --format json 2>/dev/null', { signal });
  return cloudinit.readReport({ status, result, extended: extended.stdout.trim() || undefined });
}

/** The guest's cloud-init logs are removed at sealing: the host keeps them beside the console's. */
async function keepLogs(vm: BuildVm, signal: AbortSignal): Promise<void> {
  const files = partialFiles(vm.directory);
  const kept: readonly (readonly [string, string])[] = [
    ['/var/log/cloud-init.log', files.cloudInitLog],
    ['/var/log/cloud-init-output.log', files.cloudInitOutput],
  ];
  for (const [inGuest, onHost] of kept) {
    const { stdout } = await vm.session.run(`sudo cat ${inGuest} 2>/dev/null`, { signal });
    await writeFile(onHost, stdout, { mode: 0o600 });
  }
}

async function explainFailure(context: Context, vm: BuildVm, report: CloudInitReport): Promise<KatavmError> {
  const [log, output] = await Promise.all(
    ['/var/log/cloud-init.log', '/var/log/cloud-init-output.log'].map((path) => readGuestFile(vm, path)),
  );
  const failure = context.adapters.cloudinit.explainFailure({ log: log ?? '', output: output ?? '' });
  const where = failure.module ? `in its module ${failure.module}` : `with: ${report.errors.join('; ')}`;
  const lines = failure.lines.map((line) => `  ${line}`).join('\n');
  return buildFailed({
    code: 'KATAVM_CLOUD_INIT_FAILED',
    message: `cloud-init failed in the guest ${where}${lines && `:\n${lines}`}`,
    hint: 'mend user-data (or the mirror or proxy that it needs) and build again',
    directory: vm.directory,
    log: partialFiles(vm.directory).cloudInitOutput,
  });
}

async function readGuestFile(vm: BuildVm, path: string): Promise<string> {
  return (await vm.session.run(`sudo cat ${path} 2>/dev/null`)).stdout;
}

function noticeDegraded(context: Context, report: CloudInitReport): void {
  const message = `cloud-init ended with recoverable errors: ${report.recoverableErrors.join('; ')}`;
  context.emit({ type: 'notice', level: 'warning', code: 'KATAVM_CLOUD_INIT_DEGRADED', message });
}

function cloudInitDisabled(vm: BuildVm): Promise<KatavmError> {
  return buildFailed({
    code: 'KATAVM_CLOUD_INIT_FAILED',
    message: 'cloud-init is disabled in the base: user-data was not applied',
    hint: 'use a base in which cloud-init is enabled (no /etc/cloud/cloud-init.disabled)',
    directory: vm.directory,
  });
}
