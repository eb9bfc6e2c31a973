import { access } from 'node:fs/promises';

/** What installs a tool on this host. */
export interface PackageManager {
  install(tool: Tool): string;
}

/** The package that brings a tool, on apt and on dnf. */
export interface Tool {
  readonly apt: string;
  readonly dnf: string;
}

export async function findPackageManager(): Promise<PackageManager> {
  const isDnf = await access('/usr/bin/dnf').then(
    () => true,
    () => false,
  );
  const sudo = process.getuid?.() === 0 ? '' : 'sudo ';
  return isDnf
    ? { install: (tool) => `${sudo}dnf install -y ${tool.dnf}` }
    : { install: (tool) => `${sudo}apt-get install -y --no-install-recommends ${tool.apt}` };
}
