import { posix } from 'node:path';

/** What a guest needs so that Jenkins' own command runs in it. */
export interface JenkinsCommand {
  /** The Java program. */
  readonly java: string;
  /** The jar's path, on the controller's side of SSH (this host) and in the guest alike. */
  readonly jar: string;
}

/** A word of a shell: in double quotes, in single quotes, or bare. */
const word = String.raw`"[^"]*"|'[^']*'|[^\s"'&|;]+`;

// SSH Build Agents: cd "WD" && JAVA OPTIONS -jar remoting.jar -workDir WD -jar-cache WD/remoting/jarCache
const pattern = new RegExp(String.raw`^\s*(?:cd\s+(${word})\s*&&\s*)?(?:exec\s+)?(${word})\s(?:.*\s)?-jar\s+(${word})`, 's');

/**
 * Reads the command of the SSH launcher, or one of the same kind. `undefined` for any other: it runs as it is, and the guest must
 * have what it needs.
 */
export function readJenkinsCommand(text: string): JenkinsCommand | undefined {
  const [, folder, java, jar] = pattern.exec(text) ?? [];
  if (java === undefined || jar === undefined) return undefined;
  const path = folder === undefined || posix.isAbsolute(bare(jar)) ? bare(jar) : posix.join(bare(folder), bare(jar));
  return posix.isAbsolute(path) ? { java: bare(java), jar: path } : undefined;
}

function bare(text: string): string {
  return /^["']/.test(text) ? text.slice(1, -1) : text;
}
