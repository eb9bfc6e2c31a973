import { open, readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';

/** Escape sequences and carriage returns that firmware, kernel and systemd colour a console with. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is to be removed
const decoration = /\u001b\[[0-9;?]*[A-Za-z]|\u001b[()][A-Z0-9]|[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

export function plainLine(line: string): string {
  return line.replace(decoration, '').trimEnd();
}

/** The last lines of a guest's console, for an error's text. Empty where there is no log yet. */
export async function consoleTail(path: string, lines = 20): Promise<string> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text
    .split('\n')
    .map(plainLine)
    .filter((line) => line !== '')
    .slice(-lines)
    .join('\n');
}

const pollMilliseconds = 200;

/** Calls `onLine` for each line of the console as it comes, until the signal is aborted. */
export async function followConsole(path: string, onLine: (line: string) => void, signal: AbortSignal): Promise<void> {
  const buffer = Buffer.alloc(64 * 1024);
  let offset = 0;
  let rest = '';
  while (!signal.aborted) {
    const file = await open(path, 'r').catch(() => undefined);
    for (let read = 1; file && read > 0; ) {
      read = (await file.read(buffer, 0, buffer.length, offset)).bytesRead;
      offset += read;
      const lines = (rest + buffer.toString('utf8', 0, read)).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) onLine(plainLine(line));
    }
    await file?.close();
    await pause(pollMilliseconds, undefined, { signal }).catch(() => {});
  }
}
