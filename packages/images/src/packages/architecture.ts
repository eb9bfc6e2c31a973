import { ExitCode, KatavmError } from '@katavm/core';

export interface Architecture {
  /** Debian's name, also in packages' names. */
  readonly name: 'amd64' | 'arm64';
  /** The first serial port of QEMU's machine, as the kernel calls it. */
  readonly serialConsole: 'ttyS0' | 'ttyAMA0';
}

const architectures: Readonly<Record<string, Architecture>> = {
  x64: { name: 'amd64', serialConsole: 'ttyS0' },
  arm64: { name: 'arm64', serialConsole: 'ttyAMA0' },
};

/** This host's; a guest of another would have to be emulated from its first package on. @throws KATAVM_BASE_ARCHITECTURE */
export function hostArchitecture(nodeName: string = process.arch): Architecture {
  const found = architectures[nodeName];
  if (found) return found;
  throw new KatavmError({
    code: 'KATAVM_BASE_ARCHITECTURE',
    message: `cannot make a base from packages on ${nodeName}: Debian and Ubuntu have cloud kernels for amd64 and arm64 only`,
    hint: 'use an image for this architecture by url or path',
    exitCode: ExitCode.hostNotReady,
  });
}
