import { trackStep } from '@katavm/core';
import type { GuestSession } from '@katavm/ssh-agent-runner';
import type { Context } from '../context/context.js';
import { askGuest } from './ask-guest.js';
import type { Java, JavaRecord } from './java-record.js';

const mostShown = 200;

/**
 * Which Java the agent will find in this guest, and which others there are. Asked once, at the end of a build: it starts each of them.
 * A guest whose answer is not understood (a login shell that runs nothing) is as good as one that was never asked.
 */
export async function askJava(
  context: Context,
  session: GuestSession,
  program: string,
  signal: AbortSignal,
): Promise<JavaRecord | undefined> {
  return trackStep(context.emit, 'look for Java', program, async () => {
    const { stdout } = await askGuest(context, session, { script, args: [program], signal });
    return stdout === undefined ? undefined : parseJavas(stdout, program);
  });
}

/** For each Java: its program, its path, the bytes that it prints on stdout, what it prints on stderr; a NUL ends each of them. */
export function parseJavas(text: string, program: string): JavaRecord | undefined {
  const fields = text.split('\0');
  if (fields.pop() !== 'end') return undefined;
  const found: Java[] = [];
  for (let at = 0; at + 4 <= fields.length; at += 4) {
    const [name = '', path, prints = '', said = ''] = fields.slice(at, at + 4);
    const [, version] = /version "([^"]+)"/.exec(said) ?? [];
    found.push({ program: name, path, version, ...(prints === '' ? {} : { prints: prints.slice(0, mostShown) }) });
  }
  // Missing, it has no line of its own.
  return found[0]?.program === program ? found : [{ program }, ...found];
}

// Distributions keep each Java in a folder of /usr/lib/jvm; what links to one is no other. "-version" prints on stderr.
const script = `
tell() {
  where=$(command -v "$1") && where=$(readlink -f "$where") || return 0
  case " $seen " in *" $where "*) return 0 ;; esac
  seen="$seen $where"
  said=$(mktemp) || return 0
  printf '%s\\000%s\\000' "$1" "$where"
  "$1" -version 2>"$said" </dev/null | head -c 4096 | tr -d '\\000'
  printf '\\000'
  head -c 4096 "$said" | tr -d '\\000'
  printf '\\000'
  rm -f "$said"
}
seen=
tell "$1"
for java in /usr/lib/jvm/*/bin/java; do tell "$java"; done
printf end
`;
