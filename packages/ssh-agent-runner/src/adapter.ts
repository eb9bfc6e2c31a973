import type { Readable, Writable } from 'node:stream';
import type { Emit } from '@katavm/core';

export interface GuestAddress {
  readonly host: string;
  readonly port: number;
}

export interface BannerInput {
  readonly address: GuestAddress;
  /**
   * A port of the guest where nothing listens: its kernel refuses there as soon as it has a network, and only then its SSH server
   * is asked. Without it, the server itself is asked again and again.
   */
  readonly closedPort?: GuestAddress | undefined;
  /**
   * Comes when the guest's network card is set up: it is asked from then on, and hears nothing of what came too early. Where it does
   * not come, it is called now and then once most guests have booted. Default: the card is up.
   */
  readonly networkUp?: Promise<unknown> | undefined;
  /** Its processor is emulated, so that it is not expected before half a minute is over. Default no: 5 s. */
  readonly emulated?: boolean;
  readonly timeoutMilliseconds: number;
  /** Shown when the time is over. */
  readonly hint: string;
  readonly signal?: AbortSignal | undefined;
  readonly emit: Emit;
}

/** An SSH server that has spoken, on a connection that is still open. */
export interface Greeting {
  /** `SSH-2.0-…` */
  readonly banner: string;
  /** Not needed once `connect` has been called with it. */
  close(): void;
}

export interface ConnectInput {
  readonly address: GuestAddress;
  /** The connection to go on with, in place of a new one: an emulated guest's sshd needs half a second for each. */
  readonly greeting?: Greeting | undefined;
  readonly user: string;
  /** The private key's file, OpenSSH format, without a passphrase. */
  readonly privateKeyPath: string;
  /** The guest's host key: `ssh-ed25519 AAAA…`. Nothing is ever connected to without it. */
  readonly hostKey: string;
  /** Its processor is emulated, where AES instructions are no help: an agent's pipes take OpenSSH's default cipher. Default no. */
  readonly emulated?: boolean;
  /** For the whole handshake. Default 30 s: an emulated guest needs 1 to 2 s, and several of them at once more. */
  readonly timeoutMilliseconds?: number;
  readonly signal?: AbortSignal | undefined;
}

export interface RunOptions {
  readonly input?: string | Uint8Array;
  readonly timeoutMilliseconds?: number;
  readonly signal?: AbortSignal | undefined;
  readonly onLine?: (stream: 'stdout' | 'stderr', line: string) => void;
}

/** How a command in the guest ended. `exitCode` is 128 + the signal's number where it died by one. */
export interface CommandEnd {
  readonly exitCode: number;
  /** `TERM`, without `SIG`. Not told of a command on descriptors: a shell stands between, which gives the exit code alone. */
  readonly signal: string | undefined;
}

/** Pipes or sockets of this process. Nobody else may read or write them while the command runs. */
export interface Descriptors {
  readonly stdin: number;
  readonly stdout: number;
  /** What was read of stdin already: the command gets it first. `undefined` where nobody has read it and its end need not be told. */
  readonly alreadyRead: Uint8Array | undefined;
}

export interface PipeOptions {
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** In place of `stdin` and `stdout`: their bytes go through OpenSSH's client, which gets these, and not through this process. */
  readonly descriptors?: Descriptors | undefined;
  /** Aborting it sends SIGTERM to the command, closes its streams and ends the call; the connection stays open. */
  readonly signal?: AbortSignal | undefined;
}

/** A command whose streams are connected. */
export interface PipedCommand {
  /** Resolves when the command has ended and every byte has been handed on. @throws KATAVM_GUEST_LOST when the connection ends first. */
  readonly ended: Promise<CommandEnd>;
  /** Sends a signal (`INT`, `TERM`, `HUP`) to the command in the guest. OpenSSH before 7.9, and for a login as root, ignores it. */
  sendSignal(name: string): void;
  /** Of a command on descriptors alone: this process sees nothing of their bytes by itself. */
  readonly traffic?: Traffic;
}

export interface Traffic {
  /** With `Descriptors.alreadyRead`: resolves when stdin has ended. Else never. */
  readonly inputEnded: Promise<void>;
  /** Grows with what the command is given and what it gives: for who asks whether it is still at work. */
  bytesMoved(): number;
}

/** One SSH connection to a guest. Commands are shell text, run by the login user's shell, as SSH has it. */
export interface GuestSession {
  /** Runs a command to its end and returns what it printed. Any exit code is an answer. */
  run(command: string, options?: RunOptions): Promise<CommandEnd & { readonly stdout: string; readonly stderr: string }>;
  /** Runs a command with these streams, byte for byte: no terminal, half-close honoured both ways, back-pressure held. */
  pipe(command: string, options: PipeOptions): Promise<PipedCommand>;
  /** Runs a login shell on a terminal, the size of this one. */
  login(streams: {
    readonly stdin: Readable;
    readonly stdout: Writable;
    readonly signal?: AbortSignal | undefined;
  }): Promise<CommandEnd>;
  /** Writes a file as the login user (SFTP), in one step for whoever looks. Mode: 0644 by default. @throws KATAVM_PUT_FAILED, KATAVM_FILE_UNREADABLE */
  putFile(input: {
    readonly source: string | Uint8Array;
    readonly target: string;
    readonly mode?: number;
    readonly signal?: AbortSignal | undefined;
  }): Promise<void>;
  /** Resolves when the connection ends, whoever ended it. */
  readonly closed: Promise<void>;
  close(): void;
}

/** What katavm needs of an SSH package; a fork's replacement exports one as `adapter`. */
export interface SshAdapter {
  /** Resolves with the server's banner when it comes: a connection that is accepted proves nothing. */
  waitForBanner(input: BannerInput): Promise<string>;
  /** The same; the connection on which it came stays open, for `connect`. */
  greet(input: BannerInput): Promise<Greeting>;
  /** @throws KATAVM_HOST_KEY_MISMATCH, KATAVM_SSH_REFUSED (authentication), KATAVM_GUEST_UNREACHABLE. */
  connect(input: ConnectInput): Promise<GuestSession>;
  /** An argument vector as one line for a POSIX shell: every word quoted, so that the guest's shell gives back the same vector. */
  quoteCommand(argv: readonly string[]): string;
}
