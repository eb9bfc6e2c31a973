import type { CloudConfig } from '../adapter.js';
import { isMapping } from '../cloud-config/kinds.js';

interface UserEntry {
  /** Where it stands in the cloud-config. */
  readonly path: readonly (string | number)[];
  readonly names: readonly string[];
  /** As an item of a `users` list. */
  readonly item: unknown;
}

/** The entries of `users`, which cloud-init takes as a list, as a comma-separated string and as a mapping (distros/ug_util.py). */
export function userEntries(users: unknown): UserEntry[] {
  if (typeof users === 'string') return groupsOf(users).map((name) => ({ path: ['users'], names: [name], item: name }));
  if (Array.isArray(users))
    return users.map((item, index) => ({ path: ['users', index], names: namesOf(item), item: plainKeys(item) }));
  if (!isMapping(users)) return [];
  return Object.entries(users).flatMap(([name, value]) => {
    const item = isMapping(value) ? { name, ...(plainKeys(value) as object) } : isTrue(value) ? name : undefined;
    return item === undefined ? [] : [{ path: ['users', name], names: [name], item }];
  });
}

/** cloud-init's util.is_true. */
function isTrue(value: unknown): boolean {
  return value === true || ['true', '1', 'on', 'yes'].includes(String(value).toLowerCase().trim());
}

function namesOf(item: unknown): string[] {
  return isMapping(item) ? [String(item['name'] ?? 'default')] : groupsOf(item);
}

/** `lock-passwd` becomes `lock_passwd`, as in every cloud-init; newer schemas refuse the dash. The underscore's wins where both are there. */
function plainKeys(item: unknown): unknown {
  if (!isMapping(item)) return item;
  const dashed = Object.entries(item).map(([key, value]) => [key.replaceAll('-', '_'), value]);
  return { ...Object.fromEntries(dashed), ...Object.fromEntries(Object.entries(item).filter(([key]) => !key.includes('-'))) };
}

/** `a, b` or [a, b] as a list. */
export function groupsOf(value: unknown): string[] {
  const items = typeof value === 'string' ? value.split(',') : Array.isArray(value) ? value.map(String) : [];
  return items.map((item) => item.trim()).filter((item) => item !== '');
}

/** `groups` in any of cloud-init's forms, as group → members. */
function membersByGroup(groups: unknown): Map<string, string[]> {
  const members = new Map<string, string[]>();
  const add = (group: string, value: unknown) => members.set(group, [...(members.get(group) ?? []), ...groupsOf(value)]);
  const items: unknown[] = Array.isArray(groups) ? groups : typeof groups === 'string' ? groupsOf(groups) : [groups];
  for (const item of items) {
    if (isMapping(item)) for (const [group, value] of Object.entries(item)) add(group, value);
    else for (const group of groupsOf(item)) add(group, []);
  }
  return members;
}

/** Lists where cloud-init takes lists and other forms too, so that two configs can be merged. */
export function normaliseUsers(config: CloudConfig): CloudConfig {
  const changed = new Map(Object.entries(config));
  if (changed.has('users'))
    changed.set(
      'users',
      userEntries(changed.get('users')).map(({ item }) => item),
    );
  if (changed.has('groups'))
    changed.set(
      'groups',
      [...membersByGroup(changed.get('groups'))].map(([group, members]) => groupItem(group, members)),
    );
  return Object.fromEntries(changed);
}

function groupItem(group: string, members: readonly string[]): unknown {
  return members.length === 0 ? group : { [group]: members };
}

/**
 * The login user, before the config's other users. cloud-init makes groups before users, and a group's member that does not
 * exist yet is dropped with a warning: the login user's groups move into its own entry.
 */
export function withLoginUser(config: CloudConfig, user: string): CloudConfig {
  const members = membersByGroup(config['groups']);
  const groups = [...members].filter(([, names]) => names.includes(user)).map(([group]) => group);
  const others = [...members].map(([group, names]) =>
    groupItem(
      group,
      names.filter((name) => name !== user),
    ),
  );
  const entry = {
    name: user,
    gecos: 'katavm login user',
    ...(groups.length > 0 ? { groups } : {}),
    lock_passwd: true,
    shell: '/bin/bash',
    sudo: 'ALL=(ALL) NOPASSWD:ALL',
  };
  return {
    ...config,
    ...(config['groups'] === undefined ? {} : { groups: others }),
    users: [entry, ...userEntries(config['users']).map(({ item }) => item)],
  };
}
