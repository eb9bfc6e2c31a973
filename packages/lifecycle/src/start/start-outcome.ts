import type { StartMode, VmConfig } from '@katavm/config';
import type { Lock, UndoStack, VmName } from '@katavm/core';
import type { GuestSession } from '@katavm/ssh-agent-runner';
import type { Context } from '../context/context.js';
import type { CloneRecord } from '../state/clone-record.js';

export interface StartInput {
  readonly config: VmConfig;
  /** For a clone that is made now; one that was made ahead of time has its own. */
  readonly name: VmName;
  readonly start: StartMode;
  /** The clone may have to outlive this process: libvirt must not end it with us. */
  readonly mayBeKept: boolean;
  readonly bootTimeoutMilliseconds?: number | undefined;
  /** Whoever makes or claims a clone pushes what ends it: first its lock, then the clone. */
  readonly undo: UndoStack;
  /**
   * Called as soon as it is known which clone it will be, when its undo has been pushed and before it is reached. Called again, for
   * another one, where that was not to be used.
   */
  readonly onClone: (record: CloneRecord) => Promise<void>;
  readonly signal: AbortSignal;
}

/** A clone that answers, and that is this process's. */
export interface StartedClone {
  readonly record: CloneRecord;
  readonly session: GuestSession;
  readonly lock: Lock;
  /** How it came to run: not always as it was asked for. */
  readonly start: StartMode;
}

/** Why a quick start is not to be had, for people. Nothing of it is left. */
export interface StartUnavailable {
  readonly unavailable: string;
}

export type QuickStart = (context: Context, input: StartInput) => Promise<StartedClone | StartUnavailable>;
