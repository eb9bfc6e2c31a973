import { describe, expect, it } from 'vitest';
import { cannotConnect } from './unreachable.js';

describe('a libvirt that cannot be reached', () => {
  // Each as virsh 9.0 says it.
  it.each([
    ["Failed to connect socket to '/var/run/libvirt/libvirt-sock': No such file or directory", /^start libvirt: /],
    ["Failed to connect socket to '/var/run/libvirt/libvirt-sock': Connection refused", /^start libvirt: /],
    ["Failed to connect socket to '/var/run/libvirt/libvirt-sock': Permission denied", /usermod -aG libvirt/],
    [
      "authentication unavailable: no polkit agent available to authenticate action 'org.libvirt.unix.manage'",
      /usermod -aG libvirt/,
    ],
    ['internal error: Unable to get system bus connection: Could not connect: No such file or directory', /usermod -aG libvirt/],
  ])('is told with the remedy: %s', (said, hint) => {
    const error = cannotConnect('qemu:///system', `error: failed to connect to the hypervisor\nerror: ${said}\n`);
    expect(error).toMatchObject({ code: 'KATAVM_LIBVIRT_UNREACHABLE', exitCode: 3 });
    expect(error.message).toBe(`cannot connect to libvirt at qemu:///system: ${said}`);
    expect(error.hint).toMatch(hint);
  });
});
