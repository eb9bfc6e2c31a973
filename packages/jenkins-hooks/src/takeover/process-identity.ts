import { readFileSync } from 'node:fs';

/** A process as no later one with the same number can be: its start, in ticks since this boot of the host. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startTicks: number;
  readonly bootId: string;
}

export function ownIdentity(): ProcessIdentity {
  return { pid: process.pid, startTicks: startOf(process.pid) ?? 0, bootId: bootId() };
}

/** Whether that very process runs. One that has ended and was not waited for does not. */
export function isAlive({ pid, startTicks, bootId: boot }: ProcessIdentity): boolean {
  return boot === bootId() && startOf(pid) === startTicks;
}

/** By age, and for two that started within the same tick by number: any two of them agree on who came later. */
export function isOlder(one: ProcessIdentity, other: ProcessIdentity): boolean {
  return one.startTicks === other.startTicks ? one.pid < other.pid : one.startTicks < other.startTicks;
}

function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}

/** proc(5), /proc/pid/stat: the name, which may hold anything, ends with the last ")"; then come the state (3) and more, the start being 22. */
function startOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : Number(fields[22 - 3]);
  } catch {
    return undefined;
  }
}
