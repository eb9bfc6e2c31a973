import { exec, hasCode, messageOf } from '@katavm/core';
import { type Finding, failed, ok, warning } from './finding.js';
import type { PackageManager, Tool } from './package-manager.js';

interface ToolCheck extends Tool {
  readonly check: string;
  readonly command: readonly [string, ...string[]];
  /** Only some configs need it. */
  readonly optionalFor?: string;
}

const tools: readonly ToolCheck[] = [
  { check: 'virsh', command: ['virsh', '--version'], apt: 'libvirt-clients', dnf: 'libvirt-client' },
  { check: 'QEMU', command: ['qemu-system-x86_64', '--version'], apt: 'qemu-system-x86', dnf: 'qemu-system-x86-core' },
  { check: 'qemu-img', command: ['qemu-img', '--version'], apt: 'qemu-utils', dnf: 'qemu-img' },
  { check: 'xorriso', command: ['xorriso', '--version'], apt: 'xorriso', dnf: 'xorriso' },
  { check: 'ssh-keygen', command: ['ssh', '-V'], apt: 'openssh-client', dnf: 'openssh' },
  { check: 'setpriv', command: ['setpriv', '--version'], apt: 'util-linux', dnf: 'util-linux' },
  { check: 'bash', command: ['bash', '--version'], apt: 'bash', dnf: 'bash' },
  { check: 'flock', command: ['flock', '--version'], apt: 'util-linux', dnf: 'util-linux-core' },
  {
    check: 'mmdebstrap',
    command: ['mmdebstrap', '--version'],
    apt: 'mmdebstrap',
    dnf: 'mmdebstrap',
    optionalFor: 'bases made from packages',
  },
  {
    check: 'mkfs.ext4',
    command: ['mkfs.ext4', '-V'],
    apt: 'e2fsprogs',
    dnf: 'e2fsprogs',
    optionalFor: 'bases made from packages',
  },
  { check: 'xz', command: ['xz', '--version'], apt: 'xz-utils', dnf: 'xz', optionalFor: 'images that are downloaded as .xz' },
];

/** The programs that katavm runs. */
export function checkTools(packages: PackageManager): Promise<Finding[]> {
  return Promise.all(tools.map((tool) => checkTool(tool, packages)));
}

async function checkTool(tool: ToolCheck, packages: PackageManager): Promise<Finding> {
  const [command, ...args] = tool.command;
  try {
    const { stdout, stderr } = await exec(command, args, { env: { PATH: `${process.env['PATH']}:/usr/sbin:/sbin` } });
    return ok(tool.check, version(`${stdout}\n${stderr}`));
  } catch (error) {
    if (!hasCode(error, 'KATAVM_COMMAND_MISSING')) return failed(tool.check, messageOf(error), packages.install(tool));
    const report = tool.optionalFor === undefined ? failed : warning;
    const needed = tool.optionalFor === undefined ? '' : `; needed for ${tool.optionalFor}`;
    return report(tool.check, `not installed${needed}`, packages.install(tool));
  }
}

function version(output: string): string {
  return /\d+\.\d+(?:\.\d+)*\S*/.exec(output)?.[0] ?? 'present';
}
