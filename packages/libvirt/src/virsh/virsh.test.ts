import { PassThrough, Writable } from 'node:stream';
import type { RunningProcess } from '@katavm/core';
import { expect, test } from 'vitest';
import { Virsh } from './virsh.js';

/** A virsh that fails every command in these words. */
function failing(words: string): ConstructorParameters<typeof Virsh>[2] {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const input = new Writable({
    write(request, _, done) {
      const token = /^echo (\w)'(.*?)-begin\.'/.exec(String(request))?.slice(1).join('');
      stderr.write(`error: ${words}\nerror: ${token}-done.\n`);
      stdout.write(`${token}-begin.${token}-done.`);
      done();
    },
  });
  const ended = new Promise(() => {});
  return { process: { stdout, stderr, ended, kill: () => {} } as unknown as RunningProcess, input };
}

test('a refusal is an answer, and the loss of the connection is none, though virsh gives it as one', async () => {
  const refusing = new Virsh('a:///', undefined, failing('Domain is already active'));
  expect(await refusing.run(['start'])).toMatchObject({ failure: 'Domain is already active' });
  const lost = failing('Disconnected from a:/// due to end of file\nerror: no valid connection');
  await expect(new Virsh('a:///', undefined, lost).run(['domuuid'])).rejects.toMatchObject({
    code: 'KATAVM_LIBVIRT_UNREACHABLE',
    message: expect.stringContaining('Disconnected from a:/// due to end of file'),
  });
});
