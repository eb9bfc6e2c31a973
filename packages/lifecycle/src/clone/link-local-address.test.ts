import { expect, test } from 'vitest';
import { linkLocalAddress } from './link-local-address.js';

test('a guest on a bridge is known by its MAC address, as its kernel makes its link-local address', () => {
  expect(linkLocalAddress('52:54:00:12:34:56', 'br0')).toBe('fe80::5054:ff:fe12:3456%br0');
  expect(linkLocalAddress('52:54:00:00:0a:0b', 'br0')).toBe('fe80::5054:ff:fe00:a0b%br0');
});
