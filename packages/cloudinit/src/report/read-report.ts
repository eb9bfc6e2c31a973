import type { CloudInitReport } from '../adapter.js';
import { isMapping } from '../cloud-config/kinds.js';

interface ReportTexts {
  readonly status?: string | undefined;
  readonly result?: string | undefined;
  readonly extended?: string | undefined;
}

interface Stage {
  readonly start: boolean;
  readonly finished: boolean;
  readonly errors: readonly string[];
  readonly recoverableErrors: readonly string[];
}

/**
 * How far cloud-init is. Its files tell all that matters, in every version: `status.json` names the stage and each stage's errors,
 * `result.json` appears after the last one. `cloud-init status` adds `disabled`, and failures of systemd's units around it.
 * A text that is not whole JSON is being written, and counts as not there yet.
 */
export function readReport(texts: ReportTexts): CloudInitReport {
  const status = v1(texts.status);
  const result = v1(texts.result);
  const extended = parse(texts.extended);
  const stages = [...stagesOf(extended), ...stagesOf(status)];
  const told = [...stages, ...[extended, result].flatMap((part) => (part ? [toStage(part)] : []))];
  const errors = distinct(told.flatMap((part) => part.errors));
  const recoverableErrors = distinct(told.flatMap((part) => part.recoverableErrors));
  const failedOutside = errors.length === 0 && extended?.['status'] === 'error' ? [outsideFailure(extended)] : [];
  const progress = progressOf({ extended, status, result });
  return {
    state: stateOf(progress, [...errors, ...failedOutside], recoverableErrors, extended),
    ...stageName(extended, status),
    errors: [...errors, ...failedOutside],
    recoverableErrors,
  };
}

type Part = Record<string, unknown> | undefined;

function stateOf(
  progress: 'not-started' | 'running' | 'done' | 'disabled',
  errors: readonly string[],
  recoverable: readonly string[],
  extended: Part,
): CloudInitReport['state'] {
  if (errors.length > 0) return 'failed';
  const degraded = recoverable.length > 0 || String(extended?.['extended_status']).startsWith('degraded');
  return progress === 'done' && degraded ? 'degraded' : progress;
}

function progressOf({ extended, status, result }: Record<'extended' | 'status' | 'result', Part>) {
  const said = String(extended?.['status'] ?? '');
  if (said === 'disabled') return 'disabled';
  // `stage` is null between stages too: only result.json, or the end of the last stage, says that all is over.
  if (result || said === 'done') return 'done';
  if (isMapping(status?.['modules-final']) && toStage(status['modules-final']).finished) return 'done';
  return said === 'running' || stagesOf(status).some((stage) => stage.start) ? 'running' : 'not-started';
}

function stageName(extended: Part, status: Part): { readonly stage?: string } {
  const stage = extended?.['stage'] ?? status?.['stage'];
  return typeof stage === 'string' ? { stage } : {};
}

/** `cloud-init status` says error though no stage reports one: a unit of cloud-init failed or was ended (cloud-init 23.4 and later). */
function outsideFailure(extended: Record<string, unknown>): string {
  const detail = String(extended['detail'] ?? '').trim();
  return `cloud-init status says "error"${detail && `: ${detail}`}; look at systemctl --failed`;
}

function stagesOf(part: Part): Stage[] {
  return Object.values(part ?? {}).flatMap((value) => (isMapping(value) && 'start' in value ? [toStage(value)] : []));
}

function toStage(value: Record<string, unknown>): Stage {
  const recoverable = isMapping(value['recoverable_errors']) ? Object.entries(value['recoverable_errors']) : [];
  return {
    start: Boolean(value['start']),
    finished: Boolean(value['finished']),
    errors: strings(value['errors']),
    recoverableErrors: recoverable.flatMap(([level, messages]) => strings(messages).map((message) => `${level}: ${message}`)),
  };
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function v1(text: string | undefined): Part {
  const inside = parse(text)?.['v1'];
  return isMapping(inside) ? inside : undefined;
}

function parse(text: string | undefined): Part {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return isMapping(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function distinct(items: readonly string[]): string[] {
  return [...new Set(items)];
}
