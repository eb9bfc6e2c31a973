/** One record of /var/log/cloud-init.log: its first line taken apart, and the lines that follow it (a traceback, a command's output). */
export interface LogRecord {
  /** `cc_scripts_user.py` */
  readonly source: string;
  readonly level: string;
  readonly message: string;
  readonly lines: readonly string[];
}

/** `2026-01-02 03:04:05,678 - util.py[WARNING]: message` */
const head = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d+ - (\S+?)\[(\w+)\]: (.*)$/;

export function parseLog(log: string): LogRecord[] {
  const records: LogRecord[] = [];
  let following: string[] = [];
  for (const line of log.split('\n')) {
    const match = head.exec(line.trimEnd());
    if (match) {
      following = [line.trimEnd()];
      records.push({ source: match[1] ?? '', level: match[2] ?? '', message: match[3] ?? '', lines: following });
    } else if (line.trim() !== '') following.push(line.trimEnd());
  }
  return records;
}
