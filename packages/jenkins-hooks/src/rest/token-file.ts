import { open } from 'node:fs/promises';
import { ExitCode, KatavmError, messageOf } from '@katavm/core';

/** A token, and whatever ends a line: nothing is longer. */
const longestToken = 4096;

/**
 * Reads a token from a file that only its owner can read.
 *
 * @throws KATAVM_JENKINS_TOKEN_UNREADABLE, KATAVM_JENKINS_TOKEN_EXPOSED where its mode lets others read or write it, exit code 2.
 */
export async function readTokenFile(path: string): Promise<string> {
  const file = await open(path, 'r').catch((error) => {
    throw unreadable(path, messageOf(error));
  });
  try {
    // The file that is open, not the path: nobody can put another in between.
    const { mode, size } = await file.stat();
    if ((mode & 0o077) !== 0) throw exposed(path, mode & 0o777);
    if (size > longestToken) throw unreadable(path, `it holds ${size} bytes, which is no token`);
    const token = (await file.readFile('utf8')).trim();
    if (!/^[\x21-\x7e]+$/.test(token)) throw unreadable(path, 'it does not hold one token and nothing else');
    return token;
  } finally {
    await file.close();
  }
}

function exposed(path: string, mode: number): KatavmError {
  return new KatavmError({
    code: 'KATAVM_JENKINS_TOKEN_EXPOSED',
    message: `the token file ${path} has mode ${mode.toString(8).padStart(4, '0')}: others than its owner can use the token`,
    hint: `chmod 600 ${path}, and make a new token if others use this host`,
    exitCode: ExitCode.usage,
  });
}

function unreadable(path: string, reason: string): KatavmError {
  return new KatavmError({
    code: 'KATAVM_JENKINS_TOKEN_UNREADABLE',
    message: `could not read the Jenkins token from ${path}: ${reason}`,
    hint: `put the API token alone into it: install -m 600 /dev/stdin ${path}`,
    exitCode: ExitCode.usage,
  });
}
