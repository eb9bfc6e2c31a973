import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { stateHome } from './state-home.js';

describe('the home', () => {
  test.each([
    { env: { KATAVM_HOME: '/srv/katavm', XDG_DATA_HOME: '/x' }, uid: 0, home: '/srv/katavm' },
    { env: { KATAVM_HOME: '', HOME: '/root' }, uid: 0, home: '/var/lib/katavm' },
    { env: { HOME: '/home/me' }, uid: 1000, home: '/home/me/.local/share/katavm' },
    { env: { HOME: '/home/me', XDG_DATA_HOME: '/data' }, uid: 1000, home: '/data/katavm' },
    { env: { HOME: '/home/me', XDG_DATA_HOME: '' }, uid: 1000, home: '/home/me/.local/share/katavm' },
  ])('of user $uid with $env is $home', ({ env, uid, home }) => {
    expect(stateHome(env, uid)).toBe(home);
  });

  test('is a full path wherever katavm is started: libvirt knows no current folder', () => {
    expect(stateHome({ KATAVM_HOME: 'here' }, 0)).toBe(join(process.cwd(), 'here'));
  });
});
