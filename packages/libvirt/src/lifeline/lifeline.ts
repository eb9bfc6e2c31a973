import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { exec, systemErrorCode } from '@katavm/core';
import type { Lifeline } from '../adapter.js';

/** A pipe with a name: what reads from it lives as long as somebody, in whatever process, has it open for writing. */
export interface NewLifeline {
  /** For what is to live on it. To be closed when that has been started. */
  readonly readEnd: FileHandle;
  /** Held open, and written to. */
  readonly writeEnd: FileHandle;
}

/** Node cannot make a pipe with a name by itself. */
export async function makeLifeline(path: string, signal?: AbortSignal): Promise<NewLifeline> {
  await exec('mkfifo', ['--mode=0600', path], { signal });
  // Opening either end waits for the other, unless it is open both ways already (fifo(7)).
  const both = await open(path, constants.O_RDWR);
  try {
    // Not O_NONBLOCK: virsh would take "nothing there yet" for the end of its input.
    const readEnd = await open(path, constants.O_RDONLY);
    return { readEnd, writeEnd: await open(path, constants.O_WRONLY) };
  } finally {
    // Whoever keeps this one would be a reader, too: nobody could see any more that virsh has ended.
    await both.close();
  }
}

/** Holds the lifeline of another process's connection. `undefined` where that connection has ended. */
export async function holdLifeline(path: string): Promise<Lifeline | undefined> {
  try {
    const end = await open(path, constants.O_WRONLY | constants.O_NONBLOCK);
    return { release: () => end.close() };
  } catch (error) {
    // ENXIO: nobody reads from it.
    if (['ENXIO', 'ENOENT'].includes(systemErrorCode(error) ?? '')) return undefined;
    throw error;
  }
}
