import { ExitCode } from './exit-codes.js';
import { KatavmError } from './katavm-error.js';

const exitCodes = { SIGHUP: ExitCode.hungUp, SIGINT: ExitCode.interrupted, SIGTERM: ExitCode.terminated } as const;

/** The reason to give to `AbortController.abort` when a signal arrives; `throwIfAborted` then ends everything with it. */
export function interruptedBy(signal: keyof typeof exitCodes): KatavmError {
  return new KatavmError({
    code: 'KATAVM_INTERRUPTED',
    message: `interrupted by ${signal}; what had been started was undone`,
    exitCode: exitCodes[signal],
    details: { signal },
  });
}

/** The KatavmError that an aborted signal carries, or a generic one for a signal aborted by other code. */
export function abortReason(signal: AbortSignal): unknown {
  if (signal.reason instanceof Error && signal.reason.name !== 'AbortError') return signal.reason;
  return new KatavmError({
    code: 'KATAVM_INTERRUPTED',
    message: 'the operation was cancelled; what had been started was undone',
    exitCode: ExitCode.interrupted,
    cause: signal.reason,
  });
}

/** @throws KATAVM_INTERRUPTED, or whatever the signal was aborted with. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw abortReason(signal);
}
