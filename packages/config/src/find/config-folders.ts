import { homedir } from 'node:os';
import { delimiter, isAbsolute, join, resolve } from 'node:path';

/** The file that makes a folder a config. */
export const configFileName = 'katavm.yaml';

/** What finding depends on, so that a caller (and a test) can say it. */
export interface Surroundings {
  /** Default: this process's. */
  readonly cwd?: string | undefined;
  /** Read from it: HOME, XDG_CONFIG_HOME, KATAVM_CONFIGS, KATAVM_SITE, LIBVIRT_DEFAULT_URI. Default: this process's. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

export interface ResolvedSurroundings {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
}

export function resolveSurroundings({ cwd = process.cwd(), env = process.env }: Surroundings): ResolvedSurroundings {
  return { cwd, env, home: env.HOME || homedir() };
}

/**
 * The folders in which a config's name is looked for, nearest first: `./configs`, `$XDG_CONFIG_HOME/katavm/configs`
 * (default `~/.config`), `/etc/katavm/configs`, then those of `$KATAVM_CONFIGS`. The last is where a checkout's tools name
 * the configs that katavm ships, so that a user's or a host's own config of the same name goes before them.
 */
export function configFolders({ cwd, env, home }: ResolvedSurroundings): string[] {
  // The XDG base directory specification: a relative path there is invalid and must be ignored.
  const given = env.XDG_CONFIG_HOME;
  const xdg = given && isAbsolute(given) ? given : join(home, '.config');
  const listed = (env.KATAVM_CONFIGS ?? '').split(delimiter).filter((folder) => folder !== '');
  const folders = [
    join(cwd, 'configs'),
    join(xdg, 'katavm', 'configs'),
    '/etc/katavm/configs',
    ...listed.map((folder) => resolve(cwd, folder)),
  ];
  return [...new Set(folders)];
}
