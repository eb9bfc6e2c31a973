import { createHash } from 'node:crypto';

/** What Jenkins' script approval remembers of a launch command: `SHA512:` and the digest of its language and its text. */
export function approvalHash(command: string): string {
  return `SHA512:${createHash('sha512').update(`system-command:${command}`, 'utf8').digest('hex')}`;
}
