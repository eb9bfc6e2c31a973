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

/** The module that failed first, and what it and the programs it ran said last. */
export function explainFailure({ log, output }: { readonly log: string; readonly output: string }): CloudInitFailure {
  const records = parseLog(log);
  const module = failedModule(records);
  const lines = module === undefined ? lastTrouble(records, output) : linesOf(module, records, output);
  return { module, lines: lines.slice(-shownLines).map(maskCredentials) };
}

function failedModule(records: readonly LogRecord[]): string | undefined {
  for (const pattern of failures) {
    for (const { message } of records) {
      const name = pattern.exec(message)?.[1];
      if (name) return name.replaceAll('-', '_');
    }
  }
  return undefined;
}

function linesOf(module: string, records: readonly LogRecord[], output: string): string[] {
  const said = distinct(
    records.filter((record) => record.level !== 'DEBUG' && isAbout(module, record)).map(({ message }) => message),
  );
  const reasons = distinct(records.filter((record) => isAbout(module, record)).flatMap(reasonLines));
  const printed =
    module === 'package_update_upgrade_install' ? packageTrouble(output) : module === 'scripts_user' ? printedBefore(output) : [];
  const room = Math.max(shownLines - said.length - printed.length, 4);
  return [...printed, ...said, ...reasons.slice(-room)];
}

function isAbout(module: string, { source, message }: LogRecord): boolean {
  return source === `cc_${module}.py` || (/fail/i.test(message) && message.replaceAll('-', '_').includes(module));
}

/** What a traceback comes to: the exception, and the command, exit code and output that cloud-init adds to it. */
function reasonLines({ lines }: LogRecord): string[] {
  const start = lines.findLastIndex((line) => /^[\w.]+(Error|Exception)\b/.test(line));
  return start < 1 ? [] : lines.slice(start).filter((line) => !/^\s*(Reason|Stdout|Stderr): -?$/.test(line));
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
function printedBefore(output: string): string[] {
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
