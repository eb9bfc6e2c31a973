import { readdirSync, readFileSync } from 'node:fs';

interface Process {
  readonly pid: number;
  readonly parent: number;
}

/** Every process of this host, as one look at /proc shows them. */
function processes(): Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        return [{ pid: Number(name), parent: Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) }];
      } catch {
        return []; // it has ended meanwhile
      }
    });
}

/** A process and all below it, children before their parents. */
function treeOf(pid: number, all: readonly Process[]): number[] {
  return [...all.filter(({ parent }) => parent === pid).flatMap((child) => treeOf(child.pid, all)), pid];
}

/** As Jenkins ends a launch: SIGTERM to the tree, children first, then to whatever has the cookie in its environment. */
export function endAsJenkins(pid: number, cookie: string): void {
  const all = processes();
  for (const each of treeOf(pid, all)) terminate(each);
  for (const each of all.filter((process) => hasVariable(process.pid, `HUDSON_COOKIE=${cookie}`))) {
    for (const below of treeOf(each.pid, all)) terminate(below);
  }
}

/** The processes that are below this one, by their program. */
export function programsBelow(pid: number): string[] {
  const below = treeOf(pid, processes()).filter((each) => each !== pid);
  return below.map((each) => readFileSync(`/proc/${each}/comm`, 'utf8').trim());
}

/** The processes that were started with this in their environment: `NAME=value`. */
export function processesWith(variable: string): number[] {
  return processes()
    .map(({ pid }) => pid)
    .filter((pid) => hasVariable(pid, variable));
}

function hasVariable(pid: number, variable: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(variable);
  } catch {
    return false;
  }
}

function terminate(pid: number): void {
  try {
    process.kill(pid, 'SIGTERM');
  } catch {
    // it has ended already
  }
}
