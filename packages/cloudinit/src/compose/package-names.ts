import { isMapping } from '../cloud-config/kinds.js';

/** The names that `packages` asks for, by who installs them. */
export interface PackageNames {
  readonly packages: readonly string[];
  readonly snaps: readonly string[];
}

/**
 * `packages` holds names, [name, version] pairs, and since cloud-init 23.4 {apt: […]} and {snap: […]}. What names no single package
 * (an apt task `lamp-server^`, a dnf group `@development`, a URL or a file) cannot be checked by name and is left out.
 */
export function packageNames(packages: unknown): PackageNames {
  const items: unknown[] = Array.isArray(packages) ? packages : [];
  const apt = items.flatMap((item) => (isMapping(item) ? listOf(item['apt']) : [item])).map(nameOf);
  const snaps = items.flatMap((item) => (isMapping(item) ? listOf(item['snap']) : [])).map(nameOf);
  return { packages: distinct(apt.filter(isName)), snaps: distinct(snaps.filter(isName)) };
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** `jq=1.6-2`, `jq/bookworm` and [jq, 1.6-2] are jq. */
function nameOf(item: unknown): string {
  const name = String(Array.isArray(item) ? (item[0] ?? '') : item).trim();
  return /^([\w.+:-]+?)(?:=\S+|\/[\w-]+)$/.exec(name)?.[1] ?? name;
}

function isName(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9.+_:-]*$/.test(name) && !/\.(deb|rpm)$/.test(name);
}

function distinct(names: readonly string[]): string[] {
  return [...new Set(names)];
}
