/** What a library tells about its work. Only `cli` and `jenkins-hooks` turn these into text. */
export type KatavmEvent = StepEvent | TimingEvent | ProgressEvent | WaitEvent | OutputEvent | NoticeEvent;

/** A named part of the work begins or ends. */
export interface StepEvent {
  readonly type: 'step';
  readonly state: 'started' | 'done' | 'failed';
  /** A short verb phrase: `build base`, `create overlay`. The same in all three states. */
  readonly step: string;
  /** What it is done to: a clone's name, a config's name, a path. */
  readonly subject?: string | undefined;
  /** Only with `done` and `failed`. */
  readonly milliseconds?: number | undefined;
  /** Set on `done` where the work had been done before and nothing changed. */
  readonly unchanged?: boolean | undefined;
}

/** How long a part of a launch took. For whoever adds them up: it is not worth a line by itself. */
export interface TimingEvent {
  readonly type: 'timing';
  readonly part: string;
  readonly milliseconds: number;
}

/** How far a countable piece of work is. */
export interface ProgressEvent {
  readonly type: 'progress';
  readonly what: string;
  readonly done: number;
  readonly total?: number | undefined;
  readonly unit: 'bytes' | 'packages' | 'stages';
}

/** A wait for something outside this process. */
export interface WaitEvent {
  readonly type: 'wait';
  readonly state: 'waiting' | 'ready';
  readonly requirement: string;
  readonly milliseconds: number;
}

/** One line that another program or the guest printed. */
export interface OutputEvent {
  readonly type: 'output';
  readonly source: 'console' | 'cloud-init' | 'mmdebstrap' | 'guest' | 'tool';
  readonly line: string;
}

/** Something that the user should know although nothing failed. */
export interface NoticeEvent {
  readonly type: 'notice';
  readonly level: 'info' | 'warning';
  readonly code: string;
  readonly message: string;
}

/** Receives events. Must not throw. */
export type Emit = (event: KatavmEvent) => void;

/** For callers that do not listen. */
export const ignoreEvents: Emit = () => {};
