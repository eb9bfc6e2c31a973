import { createReadStream } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { messageOf, systemErrorCode } from '@katavm/core';
import type { Entry, ZipFile } from 'yauzl';
import { jarInvalid } from './failures.js';
import type { JavaNeed } from './java-record.js';

/** What a class file begins with, and where its format's version is (JVM specification, 4.1): 52 is Java 8's, 61 is 17's, 65 is 21's. */
const classMagic = 0xcafebabe;
const majorOffset = 6;
const majorOfJavaZero = 44;

/**
 * The Java that a jar's main class was compiled for. `undefined` where it names no main class: then there is nothing to compare.
 *
 * @throws KATAVM_AGENT_JAR_INVALID for what is no jar.
 */
export async function jarNeed(path: string): Promise<JavaNeed | undefined> {
  // Loaded where a jar is new: nothing else needs it.
  const { openPromise } = await import('yauzl');
  try {
    const zip = await openPromise(path, { autoClose: false, lazyEntries: true });
    try {
      const major = await mainClassMajor(zip);
      return major === undefined ? undefined : { major, of: `the agent's jar ${path}` };
    } finally {
      zip.close();
    }
  } catch (error) {
    // Absent, or not for this user: whoever puts it into the guest says so.
    if (systemErrorCode(error) !== undefined) return undefined;
    throw jarInvalid(path, messageOf(error), await beginningOf(path));
  }
}

const shownBytes = 60;

async function beginningOf(path: string): Promise<string> {
  return (await buffer(createReadStream(path, { end: shownBytes - 1 }))).toString('latin1');
}

async function mainClassMajor(zip: ZipFile): Promise<number | undefined> {
  const entries = new Map<string, Entry>();
  for await (const entry of zip.eachEntry()) entries.set(entry.fileName, entry);
  const manifest = (await read(zip, entries.get('META-INF/MANIFEST.MF')))?.toString('utf8') ?? '';
  // A line that goes on begins with a space.
  const [, name] = /^Main-Class: *(\S+)/m.exec(manifest.replaceAll(/\r?\n /g, '')) ?? [];
  const code = name && (await read(zip, entries.get(`${name.replaceAll('.', '/')}.class`)));
  if (!code || code.length < majorOffset + 2 || code.readUInt32BE(0) !== classMagic) return undefined;
  return code.readUInt16BE(majorOffset) - majorOfJavaZero;
}

async function read(zip: ZipFile, entry: Entry | undefined): Promise<Buffer | undefined> {
  return entry && buffer(await zip.openReadStreamPromise(entry));
}
