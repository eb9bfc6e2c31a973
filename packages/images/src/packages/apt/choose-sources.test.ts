import { describe, expect, test } from 'vitest';
import { chooseSources, type Wanted } from './choose-sources.js';
import { parseOneLineSources } from './parse-one-line.js';

const debianHost = `
deb [signed-by=/usr/share/keyrings/tool.gpg] https://tools.example.com/apt bookworm main
deb https://runtime.example.com/linux/debian bookworm stable
deb http://mirror.example.org/debian bookworm main contrib
deb http://mirror.example.org/debian bookworm-updates main
deb http://mirror.example.org/debian bookworm-backports main
deb http://security.example.org/debian-security bookworm-security main
`;

const bookworm: Wanted = { distribution: 'debian', suite: 'bookworm', components: ['main'], architecture: 'amd64' };

function chosen(sources: string, wanted: Partial<Wanted> = {}): string[] {
  const entries = chooseSources(parseOneLineSources(sources), { ...bookworm, ...wanted });
  return entries.map(({ uri, suite, components }) => [uri, suite, ...components].join(' '));
}

describe('the archives for a base', () => {
  test("are the distribution's own with updates and security, not those of third parties", () => {
    expect(chosen(debianHost)).toEqual([
      'http://mirror.example.org/debian bookworm main',
      'http://mirror.example.org/debian bookworm-updates main',
      'http://security.example.org/debian-security bookworm-security main',
    ]);
  });

  test("of another release come from the host's archives; a rolling one has no updates of its own", () => {
    expect(chosen(debianHost, { suite: 'trixie', components: ['main', 'contrib'] })).toEqual([
      'http://mirror.example.org/debian trixie main contrib',
      'http://mirror.example.org/debian trixie-updates main contrib',
      'http://security.example.org/debian-security trixie-security main contrib',
    ]);
    expect(chosen(debianHost, { suite: 'sid' })).toEqual(['http://mirror.example.org/debian sid main']);
  });

  test('of another distribution are not guessed', () => {
    expect(chosen(debianHost, { distribution: 'ubuntu', suite: 'noble' })).toEqual([]);
  });

  test('prefer the entry of the wanted suite, keep the name that an old release gave to security', () => {
    const two = `
deb http://new.example.org/debian trixie main
deb http://old.example.org/debian buster main
deb http://new.example.org/debian-security trixie-security main
deb http://old.example.org/debian-security buster/updates main
`;
    expect(chosen(two, { suite: 'buster' })[0]).toBe('http://old.example.org/debian buster main');
    const old = 'deb http://old.example.org/debian buster main\ndeb http://old.example.org/debian-security buster/updates main';
    expect(chosen(old, { suite: 'buster' })[1]).toBe('http://old.example.org/debian-security buster/updates main');
  });

  test('at a path of its own are known by the key; those of another architecture and on a CD are passed over', () => {
    const odd = `
deb cdrom:[Debian_12]/ bookworm main
deb [arch=arm64] http://arm.example.org/debian bookworm main
deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] https://proxy.example.com/deb-remote bookworm main
`;
    expect(chosen(odd)).toEqual(['https://proxy.example.com/deb-remote bookworm main']);
  });

  test('of Ubuntu are found on its ports archive, too', () => {
    const ports =
      'deb http://ports.example.org/ubuntu-ports/ noble main universe\ndeb http://ports.example.org/ubuntu-ports/ noble-security main';
    expect(chosen(ports, { distribution: 'ubuntu', suite: 'noble', architecture: 'arm64' })).toEqual([
      'http://ports.example.org/ubuntu-ports/ noble main',
      'http://ports.example.org/ubuntu-ports/ noble-security main',
    ]);
  });
});
