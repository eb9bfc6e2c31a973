import type { CloudInitFailure } from '../adapter.js';
import { type LogRecord, parseLog } from './log-records.js';
import { maskCredentials } from './mask-credentials.js';

/** A screen's worth; the whole logs are kept beside it. */
const shownLines = 20;

/** How cloud-init says that a module failed; `scripts-user` and `scripts_user` are the same module, before and since 23.1. */
const failures: readonly RegExp[] = [
  /^Running module ([\w-]+) \(.*\) failed/, // cloudinit/config/modules.py, ends the module
  /^failed run of module ([\w-]+)/,
  /^Failed to run module ([\w-]+)/, // the scripts modules, before they raise
  /^Failed to run bootcmd module ([\w-]+)/,
  /^finish: [\w-]+\/config-([\w-]+): FAIL/,
];

const beginning = /^Running module ([\w-]+) \(.*with frequency/;

/** The module that failed first, and what it and the programs it ran said last. */
export function explainFailure({ log, output }: { readonly log: string; readonly output: string }): CloudInitFailure {
  const records = parseLog(log);
  const module = failedModule(records);
  const lines = module === undefined ? lastTrouble(records, output) : linesOf(module, records, output);
  return { module, lines: lines.slice(-shownLines).map(maskCredentials) };
}

function failedModule(records: readonly LogRecord[]): string | undefined {
  for (const record of records) {
    const module = failureIn(record);
    if (module) return module;
  }
  return undefined;
}

function failureIn({ message }: LogRecord): string | undefined {
  return failures.map((pattern) => moduleIn(message, pattern)).find((name) => name !== undefined);
}

function moduleIn(message: string, pattern: RegExp): string | undefined {
  return pattern.exec(message)?.[1]?.replaceAll('-', '_');
}

function linesOf(module: string, records: readonly LogRecord[], output: string): string[] {
  const own = recordsOf(module, records);
  const said = distinct(own.filter(({ level }) => level !== 'DEBUG' && level !== 'INFO').map(({ message }) => message));
  const reasons = distinct(own.flatMap(reasonLines));
  const printed = printedBy(module, output);
  const room = Math.max(shownLines - said.length - printed.length, fewestReasonLines);
  return [...printed, ...said, ...reasons.slice(-room)];
}

/** An exception, its command and its exit code. */
const fewestReasonLines = 4;

/** From the record that a module begins to the last that says it failed: other files' records between are its own helpers'. */
function recordsOf(module: string, records: readonly LogRecord[]): readonly LogRecord[] {
  const first = records.findIndex((record) => failureIn(record) === module);
  const last = records.findLastIndex((record) => failureIn(record) === module);
  const start = records.slice(0, first).findLastIndex(({ message }) => moduleIn(message, beginning) === module);
  return records.slice(start < 0 ? first : start, last + 1);
}

/** What a traceback comes to: the exception, and the command, exit code and output that cloud-init adds to it. */
function reasonLines({ lines }: LogRecord): string[] {
  const start = lines.findLastIndex((line) => /^[\w.]+(Error|Exception)\b/.test(line));
  return start < 1 ? [] : lines.slice(start).filter((line) => !/^\s*(Reason|Stdout|Stderr): -?$/.test(line));
}

function printedBy(module: string, output: string): string[] {
  if (module === 'package_update_upgrade_install') return packageTrouble(output);
  return module === 'scripts_user' ? printedBeforeFailure(output) : [];
}

/** apt's and dpkg's errors, dnf's and zypper's. */
function packageTrouble(output: string): string[] {
  const trouble =
    /^\s*(E:|Err:|dpkg: error|Error:|Error |No match for argument|No package |No provider of |Errors were encountered)/;
  return output
    .split('\n')
    .filter((line) => trouble.test(line))
    .slice(-shownLines);
}

/** runcmd's commands print to the output log; the failure is told right after the last of it. */
function printedBeforeFailure(output: string): string[] {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  const told = lines.findIndex((line) => /Failed to run module scripts[-_]user/.test(line));
  return lines.slice(0, told < 0 ? undefined : told).slice(-(shownLines - 6));
}

function lastTrouble(records: readonly LogRecord[], output: string): string[] {
  const trouble = records.filter(({ level }) => ['WARNING', 'ERROR', 'CRITICAL'].includes(level)).flatMap(({ lines }) => lines);
  return trouble.length > 0 ? trouble : output.split('\n').filter((line) => line.trim() !== '');
}

function distinct(lines: readonly string[]): string[] {
  return [...new Set(lines)];
}
