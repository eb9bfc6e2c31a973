import { ExitCode, KatavmError } from '@katavm/core';
import type { CloudConfig, UserData } from '../adapter.js';
import { isMapping } from '../cloud-config/kinds.js';
import { groupsOf, userEntries } from './users.js';

interface Owned {
  readonly path: readonly string[];
  readonly why: string;
  /** What katavm sets itself: writing the same is no conflict. */
  readonly ours?: unknown;
}

const loginUser = 'katavm makes the login user; its name is guest.user in katavm.yaml';
const keys = 'keys come from the identity disk, so that no master and no other clone holds them';
const hostname = "each clone gets its own host name; the build's is guest.hostname in katavm.yaml";

/** What katavm sets itself, and why user-data may not. */
const owned: readonly Owned[] = [
  { path: ['user'], why: loginUser },
  { path: ['password'], why: 'the login user has no password: it logs in by key and may use sudo' },
  { path: ['system_info', 'default_user'], why: loginUser },
  { path: ['ssh_keys'], why: keys },
  { path: ['ssh_authorized_keys'], why: keys },
  { path: ['ssh_import_id'], why: keys },
  { path: ['ssh_deletekeys'], why: keys, ours: true },
  { path: ['ssh_genkeytypes'], why: keys },
  { path: ['ssh_pwauth'], why: 'guests are reached by key only', ours: false },
  { path: ['disable_root'], why: 'guests are reached as the login user only', ours: true },
  { path: ['hostname'], why: hostname },
  { path: ['fqdn'], why: hostname },
  { path: ['preserve_hostname'], why: hostname, ours: false },
  { path: ['power_state'], why: 'katavm itself completes, seals and powers off the guest' },
  { path: ['cloud_init_modules'], why: 'the build needs bootcmd, write_files and users in it' },
];

/** The keys of user-data that katavm keeps for itself, as `a.b`, with the reason. */
export const ownedKeys: Readonly<Record<string, string>> = Object.fromEntries(
  owned.map(({ path, why }) => [path.join('.'), why]),
);

interface Conflict {
  readonly path: readonly (string | number)[];
  readonly why: string;
}

/** Where a cloud-config sets what katavm owns; with `user`, also where it defines that user. */
export function findConflicts(config: CloudConfig, user?: string): Conflict[] {
  const keysSet = owned.filter(({ path, ours }) => {
    const value = path.reduce<unknown>((at, key) => (isMapping(at) ? at[key] : undefined), config);
    return value !== undefined && value !== ours;
  });
  return user === undefined ? [...keysSet] : [...keysSet, ...userConflicts(config, user)];
}

function userConflicts(config: CloudConfig, user: string): Conflict[] {
  const entries = userEntries(config['users']).filter(({ names }) => names.includes(user));
  const passwords = isMapping(config['chpasswd']) && passwordNames(config['chpasswd']).includes(user);
  return [
    ...entries.map(({ path }) => ({ path, why: `the user "${user}" is the login user: ${loginUser}` })),
    ...(passwords ? [{ path: ['chpasswd'], why: `the login user "${user}" has no password` }] : []),
  ];
}

function passwordNames(chpasswd: Record<string, unknown>): string[] {
  const users = Array.isArray(chpasswd['users']) ? chpasswd['users'] : [];
  const list = typeof chpasswd['list'] === 'string' ? chpasswd['list'].split('\n') : groupsOf(chpasswd['list']);
  return [
    ...users.flatMap((entry) => (isMapping(entry) ? [String(entry['name'])] : [])),
    ...list.map((line) => line.split(':', 1)[0] ?? ''),
  ];
}

/** @throws KATAVM_USER_DATA_REDEFINES_USER, exit code 2, for every conflict of the config's own user-data and of the site's. */
export function refuseConflicts(own: UserData | undefined, site: CloudConfig | undefined, user: string): void {
  const problems = [
    ...(own
      ? findConflicts(own.value, user).map(({ path, why }) => ({ where: `${own.file}:${own.lineOf(path)}`, path, why }))
      : []),
    ...(site ? findConflicts(site, user).map(({ path, why }) => ({ where: "the site's cloud-config", path, why })) : []),
  ];
  if (problems.length === 0) return;
  const shown = problems.map(({ where, path, why }) => `  ${where}: ${path.join('.')}: ${why}`);
  throw new KatavmError({
    code: 'KATAVM_USER_DATA_REDEFINES_USER',
    message: `the user-data sets what katavm sets itself:\n${shown.join('\n')}`,
    hint: 'remove these keys; groups of the login user are welcome: "groups: [{docker: [USER]}]"',
    exitCode: ExitCode.usage,
    details: { problems: problems.map(({ where, path, why }) => ({ where, key: path.join('.'), why })) },
  });
}
