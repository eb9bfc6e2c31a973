import type { Emit } from '@katavm/core';

/** A cloud-config as data: the top-level keys of a `#cloud-config` file. */
export type CloudConfig = Readonly<Record<string, unknown>>;

export interface ProxySettings {
  readonly http?: string | undefined;
  readonly https?: string | undefined;
  /** Hosts reached directly. `localhost`, `127.0.0.1` and `::1` are always among them. */
  readonly noProxy?: readonly string[] | undefined;
  /** A SOCKS or HTTP CONNECT proxy for git:// URLs: `socks4://`, `socks4a://`, `socks5://` or `http://`, with its port. */
  readonly git?: string | undefined;
}

/** A config's own user-data, and on which line each of its values stands. */
export interface UserData {
  readonly value: CloudConfig;
  readonly file: string;
  readonly lineOf: (path: readonly (string | number)[]) => number;
}

export interface ComposeInput {
  /** The config's own user-data, parsed; `undefined` where the config has none. */
  readonly own: UserData | undefined;
  /** The login user that the agent runs as; katavm owns this user: the config's user-data must not define it. */
  readonly user: string;
  readonly hostname: string;
  /** New for every build: cloud-init runs its once-per-instance modules when it changes. */
  readonly instanceId: string;
  readonly proxy?: ProxySettings | undefined;
  /** Merged over the config's own user-data: what a site adds to every guest (a CA, a mirror). Lists are appended. */
  readonly site?: CloudConfig | undefined;
  /** Commands that must run in the guest on every boot of the build, before its SSH server starts (cloud-init's bootcmd). */
  readonly bootCommands: readonly (readonly string[])[];
  /** A network-config (version 1 or 2), as `readNetworkConfig` gives it. Default: cloud-init's own, DHCP on the first interface. */
  readonly networkConfig?: CloudConfig | undefined;
}

/** What a seed ISO holds. No key is ever in it: keys travel on the identity disk. A proxy's password can be in `userData`. */
export interface Seed {
  /** Text of `user-data`, begins with `#cloud-config`. */
  readonly userData: string;
  readonly metaData: string;
  readonly networkConfig?: string | undefined;
  /** Every distribution package (apt, dnf, zypper) that the composed user-data installs, by name, to be checked in the guest afterwards. */
  readonly packages: readonly string[];
  /** Every snap that `packages: [{snap: …}]` installs. */
  readonly snaps?: readonly string[] | undefined;
}

/** How far cloud-init is, read from its own status files. */
export interface CloudInitReport {
  /** `degraded`: it ended, with recoverable errors. `failed` is told at the first error, while other stages may still run. */
  readonly state: 'not-started' | 'running' | 'done' | 'degraded' | 'failed' | 'disabled';
  /** `init-local`, `init`, `modules-config`, `modules-final`. */
  readonly stage?: string | undefined;
  readonly errors: readonly string[];
  readonly recoverableErrors: readonly string[];
}

export interface CloudInitFailure {
  /** `scripts_user`, `package_update_upgrade_install`; `undefined` where the log does not name one. */
  readonly module: string | undefined;
  /** That module's own last lines, at most 20; passwords in URLs are masked. */
  readonly lines: readonly string[];
}

/** What katavm needs of a cloud-init package; a fork's replacement exports one as `adapter`. */
export interface CloudInitAdapter {
  /** Reads a config's user-data file. @throws KATAVM_USER_DATA_* with file and line. */
  readUserData(file: string): Promise<UserData>;
  /** Reads a network-config file. @throws KATAVM_NETWORK_CONFIG_INVALID with file and line. */
  readNetworkConfig(file: string): Promise<CloudConfig>;
  /** Pure: the same input gives the same text. @throws KATAVM_USER_DATA_REDEFINES_USER */
  compose(input: ComposeInput): Seed;
  /** `cloud-init schema` on this host, where it is installed. `checked` is false where it is not. @throws KATAVM_USER_DATA_REFUSED */
  checkWithHost(
    seed: Seed,
    options: { readonly signal?: AbortSignal | undefined; readonly emit: Emit },
  ): Promise<{ readonly checked: boolean }>;
  /** Writes the ISO 9660 volume `cidata`; the same seed gives the same bytes. */
  writeSeed(path: string, seed: Seed, signal?: AbortSignal): Promise<{ readonly sha256: string }>;
  /** From /run/cloud-init/status.json and result.json (either may be absent) and, where the guest has it, `cloud-init status --format json`. */
  readReport(input: {
    readonly status?: string | undefined;
    readonly result?: string | undefined;
    readonly extended?: string | undefined;
  }): CloudInitReport;
  /** The stage that a line of the guest's console announces: as in `CloudInitReport.stage`, or `finished`. */
  stageOfConsoleLine(line: string): string | undefined;
  /** From /var/log/cloud-init.log and /var/log/cloud-init-output.log. */
  explainFailure(input: { readonly log: string; readonly output: string }): CloudInitFailure;
  /**
   * The guest's files in which `compose` (or cloud-init itself, told by `compose`) puts proxies. Each holds them as URLs only, so
   * that sealing removes the passwords by `sed -E 's#(://)[^/@[:space:]]*@#\1#g'` over those that exist.
   */
  readonly proxyFiles: readonly string[];
}
