import { readYaml } from '@katavm/core/document';
import { describe, expect, it } from 'vitest';
import type { CloudConfig, ComposeInput, UserData } from '../adapter.js';
import { compose } from './compose.js';
import { ownedKeys } from './owned.js';
import { packageNames } from './package-names.js';

function written(value: CloudConfig): UserData {
  return { value, file: 'configs/x/user-data', lineOf: (path) => 10 + path.length };
}

const input: ComposeInput = {
  own: undefined,
  user: 'jenkins',
  hostname: 'debian12-master',
  instanceId: 'build-1',
  bootCommands: [['install-identity']],
};

function composed(more: Partial<ComposeInput>): Record<string, unknown> {
  return readYaml(compose({ ...input, ...more }).userData, { file: 'composed', version: '1.1' }).value as Record<string, unknown>;
}

describe('the composed user-data', () => {
  it('makes the login user first: sudo, no password, no key', () => {
    const [user, ...others] = composed({ own: written({ users: ['bob', { name: 'eve', 'lock-passwd': true }] }) })[
      'users'
    ] as unknown[];
    expect(user).toMatchObject({ name: 'jenkins', lock_passwd: true, shell: '/bin/bash', sudo: 'ALL=(ALL) NOPASSWD:ALL' });
    expect(Object.keys(user as object).filter((key) => key.includes('ssh') || key.includes('passwd'))).toEqual(['lock_passwd']);
    expect(others).toEqual(['bob', { name: 'eve', lock_passwd: true }]);
  });

  it('takes users in each form that cloud-init takes', () => {
    expect(composed({ own: written({ users: 'bob, eve' }) })['users']).toMatchObject([{ name: 'jenkins' }, 'bob', 'eve']);
    const mapping = { users: { bob: true, gone: false, eve: { 'ssh-authorized-keys': ['k'] } } };
    expect(composed({ own: written(mapping) })['users']).toMatchObject([
      { name: 'jenkins' },
      'bob',
      { name: 'eve', ssh_authorized_keys: ['k'] },
    ]);
  });

  it("puts the login user into the config's groups, which exist before it does", () => {
    const config = composed({ own: written({ groups: [{ docker: ['jenkins', 'bob'] }, 'plain'] }), site: { groups: 'site' } });
    expect(config['users']).toMatchObject([{ name: 'jenkins', groups: ['docker'] }]);
    expect(config['groups']).toEqual([{ docker: ['bob'] }, 'plain', 'site']);
  });

  it("runs katavm's boot commands before any other", () => {
    const config = composed({
      own: written({ bootcmd: ['own'] }),
      site: { bootcmd: ['site'] },
      proxy: { http: 'http://proxy.example.com:3128' },
    });
    expect(config['bootcmd']).toEqual([['install-identity'], expect.stringContaining('dnf.conf'), 'own', 'site']);
  });

  it("adds the site's to the config's own", () => {
    const own = { packages: ['jq'], apt: { conf: 'own', sources: { a: {} } }, timezone: 'UTC' };
    const site = { packages: ['bc'], apt: { conf: 'site', sources: { b: {} } }, ca_certs: { trusted: ['PEM'] } };
    expect(composed({ own: written(own), site })).toMatchObject({
      packages: ['jq', 'bc'],
      apt: { conf: 'site', sources: { a: {}, b: {} } },
      timezone: 'UTC',
      ca_certs: { trusted: ['PEM'] },
    });
  });

  it('gives the host name and the instance by meta-data, and a network-config only where there is one', () => {
    const seed = compose({ ...input, networkConfig: { version: 2 } });
    expect(readYaml(seed.metaData, { file: 'meta-data', version: '1.1' }).value).toEqual({
      'instance-id': 'build-1',
      'local-hostname': 'debian12-master',
    });
    expect(readYaml(seed.networkConfig ?? '', { file: 'network-config', version: '1.1' }).value).toEqual({ version: 2 });
    expect(compose(input)).not.toHaveProperty('networkConfig');
  });

  it.each([
    [{ users: [{ name: 'bob' }, { name: 'jenkins' }] }, 'user-data:12: users.1', 'guest.user'],
    [{ users: ['jenkins'] }, 'users.0', 'guest.user'],
    [{ users: 'bob,jenkins' }, 'users', 'guest.user'],
    [{ users: { jenkins: { sudo: null } } }, 'users.jenkins', 'guest.user'],
    [{ user: 'bob' }, 'user-data:11: user', 'guest.user'],
    [{ system_info: { default_user: { name: 'x' } } }, 'system_info.default_user', 'guest.user'],
    [{ chpasswd: { users: [{ name: 'jenkins', type: 'RANDOM' }] } }, 'chpasswd', 'no password'],
    [{ chpasswd: { list: 'bob:x\njenkins:y\n' } }, 'chpasswd', 'no password'],
    [{ ssh_keys: { ed25519_private: 'x' } }, 'ssh_keys', 'identity disk'],
    [{ hostname: 'mine' }, 'hostname', 'guest.hostname'],
    [{ power_state: { mode: 'poweroff' } }, 'power_state', 'powers off'],
    [{ ssh_pwauth: true }, 'ssh_pwauth', 'by key only'],
  ])('refuses user-data that sets what katavm sets: %j', (value, where, why) => {
    let error: unknown;
    try {
      compose({ ...input, own: written(value) });
    } catch (reason) {
      error = reason;
    }
    expect(error).toMatchObject({ code: 'KATAVM_USER_DATA_REDEFINES_USER', exitCode: 2, hint: expect.any(String) });
    expect(String(error)).toContain(where);
    expect(String(error)).toContain(why);
  });

  it("refuses the same of the site's, and lets user-data say what katavm says anyway", () => {
    expect(() => compose({ ...input, site: { users: ['jenkins'] } })).toThrow(/the site's cloud-config/);
    expect(() =>
      compose({ ...input, own: written({ ssh_pwauth: false, disable_root: true, chpasswd: { list: ['bob:x'] } }) }),
    ).not.toThrow();
    expect(Object.keys(ownedKeys)).toContain('power_state');
  });
});

describe('the packages that a guest must have afterwards', () => {
  it('are named without version, whatever form they are written in', () => {
    const packages = [
      'jq',
      'g++',
      ['bc', '1.07'],
      'curl=7.88',
      'git/bookworm',
      'libc6:i386',
      'jq',
      { apt: ['gawk', ['make', '4']], snap: ['lxd', ['core', 'edge']] },
    ];
    expect(packageNames(packages)).toEqual({
      packages: ['jq', 'g++', 'bc', 'curl', 'git', 'libc6:i386', 'gawk', 'make'],
      snaps: ['lxd', 'core'],
    });
  });

  it('do not hold what is not one package: tasks, groups, files, URLs', () => {
    expect(packageNames(['lamp-server^', '@development', './x.deb', 'https://example.com/x.rpm', 'x.deb'])).toEqual({
      packages: [],
      snaps: [],
    });
  });
});
