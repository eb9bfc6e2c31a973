import type { ProxySettings } from '@katavm/cloudinit';
import type { MiB, Milliseconds, VmName } from '@katavm/core';
import type { BaseSource } from '@katavm/images';
import type { KeysConfig } from '@katavm/keys';
import type { DomainNetwork } from '@katavm/libvirt';
import type { AgentConfig } from '@katavm/ssh-agent-runner';
import type { Origins } from './layers/origins.js';
import type { SiteModules } from './schema/site-schema.js';

/** A config, read and checked: every path absolute, every default filled in, every size and duration parsed. */
export interface VmConfig {
  /** The folder's name: letters, digits, `.`, `_` and `-`. `toVmName` makes a VM's name of it. */
  readonly name: string;
  readonly directory: string;
  /** The path of its katavm.yaml. */
  readonly file: string;
  readonly base: BaseSource;
  readonly vm: {
    readonly vcpus: number;
    readonly memory: MiB;
    readonly disk: MiB;
    readonly network: DomainNetwork;
    readonly acceleration: 'auto' | 'kvm' | 'tcg';
    readonly cpu: string;
    readonly osVariant?: string | undefined;
    readonly uri: string;
  };
  readonly guest: {
    readonly user: string;
    readonly hostname: VmName;
    /** Where /tmp is; `undefined`: where the distribution has it. */
    readonly tmp?: 'disk' | 'tmpfs' | undefined;
  };
  readonly cloudInit: {
    readonly userDataFile?: string | undefined;
    readonly networkConfigFile?: string | undefined;
    /** How long cloud-init may take in the build, in milliseconds. */
    readonly timeout: Milliseconds;
  };
  readonly complete: {
    readonly files: readonly CompletionFile[];
    readonly commands: readonly GuestCommand[];
    readonly checks: readonly GuestCommand[];
  };
  readonly start: StartMode;
  readonly pool: {
    readonly size: number;
    /** A clone that has waited for longer is replaced, in milliseconds. */
    readonly maxAge: Milliseconds;
  };
  readonly isolation: {
    /** While a job of this config runs, the host's pool boots nothing. */
    readonly quiet: boolean;
  };
  /** `jar` is absolute, and looked for only when an agent starts. */
  readonly agent: AgentConfig & { readonly jar: string };
  readonly keys: KeysConfig;
  readonly proxy?: ProxySettings | undefined;
  readonly site: SiteSettings;
  /** Where each value was written; `explain` reads it. */
  readonly origins: Origins;
}

/**
 * How a clone comes to run. `cold`: it boots. `pooled`: it was booted ahead of time, and paused. `template`: from the master's
 * memory image. Where one of the quick ways is not to be had, it boots.
 */
export type StartMode = 'cold' | 'pooled' | 'template';

/** A file that completion puts into the master. Exactly one of `source` and `content` is there. */
export interface CompletionFile {
  /** Absolute path on this host. */
  readonly source?: string | undefined;
  readonly content?: string | undefined;
  /** Absolute path in the guest, its variables filled in for the master. */
  readonly target: string;
  /** The target as it was written: where it names `{{hostname}}`, every clone expects the file under a name of its own. */
  readonly targetTemplate: string;
  /** `user:group`. */
  readonly owner: string;
  /** `0o644`. */
  readonly mode: number;
}

/** Shell text to run in the guest. */
export interface GuestCommand {
  readonly run: string;
  readonly as: 'root' | 'user';
  /** Milliseconds. */
  readonly timeout: Milliseconds;
}

/** What the site file adds that is not part of a config. */
export interface SiteSettings {
  /** Absolute; `undefined` where this host has no site file. */
  readonly file?: string | undefined;
  /** A cloud-config that is merged over every guest's user-data. */
  readonly cloudConfig?: Readonly<Record<string, unknown>> | undefined;
  /** Replacements for the adapters: packages, to be looked for from the site file's folder, or absolute paths. */
  readonly modules: SiteModules;
}

/** What a host can give to a VM. */
export interface HostCapacity {
  readonly vcpus: number;
  readonly memory: MiB;
}
