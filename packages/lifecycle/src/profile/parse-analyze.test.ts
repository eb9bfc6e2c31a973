import { describe, expect, it } from 'vitest';
import { findWinnings } from './find-winnings.js';
import { parseBlame, parseBootTime, parseCriticalChain, parseEnabledUnits } from './parse-analyze.js';

// As systemd 252 of an emulated Debian 12 printed them.
const chain = `The time when unit became active or started is printed after the "@" character.
The time the unit took to start is printed after the "+" character.

graphical.target @1min 1.523s
└─multi-user.target @1min 1.522s
  └─docker.service @35.360s +26.048s
    └─containerd.service @19.852s +15.409s
      └─network.target @19.599s
        └─systemd-networkd.service @17.951s +1.610s
          └─network-pre.target @17.599s
            └─katavm-identity.service @14.004s +3.582s
              └─dev-disk-by\\x2did-virtio\\x2dkatavm\\x2didentity.device @11.056s
`;
const chainToSsh = `The time when unit became active or started is printed after the "@" character.
The time the unit took to start is printed after the "+" character.

ssh.service +4.483s
└─network.target @19.599s
  └─systemd-networkd.service @17.951s +1.610s
`;
const blame = `26.048s docker.service
15.409s containerd.service
11.334s dev-vda.device
 5.011s systemd-resolved.service
 4.483s ssh.service
  888ms systemd-modules-load.service
   39ms docker.socket
1min 2.082s slow.service
`;
const enabled = `containerd.service                     enabled enabled
docker.service                         enabled enabled
ssh.service                            enabled enabled
systemd-resolved.service               enabled enabled
systemd-timesyncd.service              enabled enabled
`;

describe('what systemd-analyze prints', () => {
  it('is the time of the parts that this machine has', () => {
    const time = parseBootTime(
      'Startup finished in 7.783s (kernel) + 1min 2.082s (userspace) = 1min 9.865s \ngraphical.target reached after 1min 1.523s in userspace.\n',
    );
    expect(time).toEqual({ kernel: 7.783, userspace: 62.082, total: 69.865 });
    expect(parseBootTime('Startup finished in 1.1s (firmware) + 20ms (loader) + 3s (kernel) = 4.120s')).toMatchObject({
      firmware: 1.1,
      loader: 0.02,
    });
    expect(() => parseBootTime('Bootup is not yet finished')).toThrow('no time');
  });

  it('is a chain of units, with when each was there and what it took', () => {
    const links = parseCriticalChain(chain);
    expect(links).toHaveLength(9);
    expect(links[0]).toEqual({ unit: 'graphical.target', at: 61.523, took: undefined });
    expect(links[2]).toEqual({ unit: 'docker.service', at: 35.36, took: 26.048 });
    expect(links[8]?.unit).toBe('dev-disk-by\\x2did-virtio\\x2dkatavm\\x2didentity.device');
    // With LC_ALL=C, which is how katavm asks.
    const ascii = chain.replaceAll('└─', '`-');
    expect(parseCriticalChain(ascii)).toEqual(links);
    expect(parseCriticalChain(chainToSsh)[0]).toEqual({ unit: 'ssh.service', at: undefined, took: 4.483 });
  });

  it('is the time of each unit', () => {
    const units = parseBlame(blame);
    expect(units).toHaveLength(8);
    expect(units[5]).toEqual({ unit: 'systemd-modules-load.service', seconds: 0.888 });
    expect(units[7]).toEqual({ unit: 'slow.service', seconds: 62.082 });
  });
});

it('names what is enabled, takes time and keeps nobody out, with the command that switches it off', () => {
  const chains = [parseCriticalChain(chain), parseCriticalChain(chainToSsh)];
  const found = findWinnings(parseBlame(blame), chains, parseEnabledUnits(enabled), 62);
  expect(found).toEqual([
    { unit: 'docker.service', seconds: 26.048, onCriticalChain: true, command: 'systemctl disable docker.service' },
    { unit: 'containerd.service', seconds: 15.409, onCriticalChain: true, command: 'systemctl disable containerd.service' },
  ]);
});
