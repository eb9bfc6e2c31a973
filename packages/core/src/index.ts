export { isPipe } from './descriptors/is-pipe.js';
export { abortReason, interruptedBy, throwIfAborted } from './errors/aborted.js';
export { messageOf, systemErrorCode } from './errors/describe.js';
export { ExitCode } from './errors/exit-codes.js';
export { type ErrorCode, hasCode, isKatavmError, KatavmError, type KatavmErrorInit } from './errors/katavm-error.js';
export {
  type Emit,
  ignoreEvents,
  type KatavmEvent,
  type NoticeEvent,
  type OutputEvent,
  type ProgressEvent,
  type StepEvent,
  type TimingEvent,
  type WaitEvent,
} from './events/events.js';
export { timePart } from './events/time-part.js';
export { trackStep } from './events/track-step.js';
export { type ExecOptions, type ExecResult, exec } from './exec/exec.js';
export { formatCommand, redact } from './exec/redact.js';
export { type RunningProcess, type StartOptions, start } from './exec/start.js';
export { withUnnamedFile } from './files/unnamed-file.js';
export { stateHome } from './home/state-home.js';
export { acquireLock, type Lock, type LockOptions, withLock } from './locks/lock.js';
export { parseVmName, toVmName, type VmName } from './names/vm-name.js';
export { UndoStack, withUndo } from './undo/undo-stack.js';
export { formatDuration, type Milliseconds, parseDuration } from './units/duration.js';
export { formatSize, type MiB, mebibytesToBytes, parseSize } from './units/size.js';
export { allEnded } from './wait/all-ended.js';
export type { Requirement } from './wait/requirement.js';
export { type WaitOptions, waitFor, waitForAll } from './wait/wait-for.js';
