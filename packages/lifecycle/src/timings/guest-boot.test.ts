import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { divideBoot, parseGuestBoot } from './guest-boot.js';

describe('what a guest says of its boot', () => {
  it('is when its kernel handed over, and when its sshd was ready', () => {
    // Debian 12, as captured: there is no sshd.service, systemctl separates the units by an empty line.
    const answer =
      'uptime=61.46\nUserspaceTimestampMonotonic=7783224\nActiveEnterTimestampMonotonic=32150211\n\nActiveEnterTimestampMonotonic=0\n';
    expect(parseGuestBoot(answer)).toEqual({ uptime: 61.46, userspaceBegan: 7.783224, sshdReady: 32.150211 });
  });

  it('is nothing where it has no systemd, or its sshd was started by a socket and is not there', () => {
    expect(parseGuestBoot('uptime=5.21\n')).toBeUndefined();
    expect(parseGuestBoot('uptime=5.21\nUserspaceTimestampMonotonic=1\nActiveEnterTimestampMonotonic=0\n')).toBeUndefined();
    expect(parseGuestBoot('')).toBeUndefined();
  });
});

describe('a boot that is divided', () => {
  const boot = { uptime: 50, userspaceBegan: 8, sshdReady: 32, askedAt: 101_000 };

  it('is told part by part', () => {
    expect(divideBoot(boot, { began: 50_000, ended: 84_000 })).toEqual([
      { part: 'firmware', milliseconds: 1000 },
      { part: 'kernel', milliseconds: 8000 },
      { part: 'userspace', milliseconds: 24_000 },
      { part: 'sshd', milliseconds: 1000 },
    ]);
  });

  it('has no part that takes less than nothing, and all of them take the whole, however the clocks run', () => {
    const seconds = fc.double({ min: 0, max: 1000, noNaN: true });
    fc.assert(
      fc.property(seconds, seconds, seconds, seconds, seconds, (uptime, userspaceBegan, sshdReady, askedAt, length) => {
        const parts = divideBoot({ uptime, userspaceBegan, sshdReady, askedAt }, { began: 100, ended: 100 + length });
        expect(Math.min(...parts.map(({ milliseconds }) => milliseconds))).toBeGreaterThanOrEqual(0);
        expect(parts.reduce((sum, { milliseconds }) => sum + milliseconds, 0)).toBeCloseTo(length, 6);
      }),
    );
  });
});
