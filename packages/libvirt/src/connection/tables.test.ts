import { describe, expect, it } from 'vitest';
import { findAddress, findNeighbour } from './addresses.js';
import { findForward } from './forwards.js';

describe('the address of a guest', () => {
  const table = ` Name       MAC address          Protocol     Address
-------------------------------------------------------------------------------
 vnet0      52:54:00:5d:12:a5    ipv6         2001:db8::2/64
 vnet0      52:54:00:5D:12:a5    ipv4         192.168.122.68/24
 vnet1      52:54:00:aa:bb:cc    ipv4         192.168.122.69/24
`;

  it('is the IPv4 address beside its own MAC address, in upper or lower case', () => {
    expect(findAddress(table, '52:54:00:5d:12:A5')).toBe('192.168.122.68');
  });

  it('is unknown as long as the table does not name it', () => {
    expect(findAddress(table, '52:54:00:00:00:00')).toBeUndefined();
    expect(findAddress('', '52:54:00:5d:12:a5')).toBeUndefined();
  });
});

describe('a neighbour of the host', () => {
  const table = `IP address       HW type     Flags       HW address            Mask     Device
198.51.100.79    0x1         0x0         52:54:00:ec:98:4e     *        br0
198.51.100.80    0x1         0x2         52:54:00:ec:98:4E     *        br0
198.51.100.81    0x1         0x0         00:00:00:00:00:00     *        br0
`;

  it('has the address that answered, not one that it had once', () => {
    expect(findNeighbour(table, '52:54:00:EC:98:4e')).toBe('198.51.100.80');
  });

  it('is unknown as long as nothing was heard of it', () => {
    expect(findNeighbour(table, '00:00:00:00:00:00')).toBeUndefined();
    expect(findNeighbour('', '52:54:00:ec:98:4e')).toBeUndefined();
  });
});

describe('a forwarded port', () => {
  const usernet = `Hub -1 (hostnet0):
  Protocol[State]    FD  Source Address  Port   Dest. Address  Port RecvQ SendQ
  TCP[ESTABLISHED]   20       127.0.0.1 42437       10.0.2.15    80     0     0
  TCP[HOST_FORWARD]  16         0.0.0.0 42436       10.0.2.15    22     0     0
  TCP[HOST_FORWARD]  17       127.0.0.1 42437       10.0.2.15    22     0     0
`;

  it('is one of 127.0.0.1 that leads to the port asked for', () => {
    expect(findForward(usernet, 22)).toBe(42437);
    expect(findForward(usernet, 80)).toBeUndefined();
  });
});
