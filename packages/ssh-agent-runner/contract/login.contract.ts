import { PassThrough, Writable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { adapter, type GuestSession } from '../src/index.js';
import { startServer, type TestServer } from './sshd.js';

let server: TestServer;
let session: GuestSession;
beforeAll(async () => {
  server = await startServer();
  session = await adapter.connect(server.input);
});
afterAll(async () => {
  session?.close();
  await server?.stop();
});

/** A terminal without the hardware: it records its modes, and lets a test wait for what is shown. */
function terminal(rows: number, columns: number) {
  const modes: boolean[] = [];
  let text = '';
  let changed = () => {};
  const stdin = Object.assign(new PassThrough(), { isTTY: true, isRaw: false, setRawMode: (raw: boolean) => modes.push(raw) });
  const stdout = Object.assign(
    new Writable({
      write(chunk, _encoding, callback) {
        text += chunk;
        changed();
        callback();
      },
    }),
    { rows, columns },
  );
  const shows = (wanted: RegExp) =>
    new Promise<void>((resolve) => {
      changed = () => wanted.test(text) && resolve();
      changed();
    });
  return { stdin, stdout, modes, shows };
}

test('a login shell has a terminal of this size, follows a change of it, and passes its exit code on', async () => {
  const { stdin, stdout, modes, shows } = terminal(33, 101);
  const ended = session.login({ stdin, stdout });
  stdin.write('stty size; tty\n');
  await shows(/33 101\r\n\/dev\/pts/);
  Object.assign(stdout, { rows: 44, columns: 120 }).emit('resize');
  stdin.write('stty size\n');
  await shows(/44 120\r\n/);
  stdin.write('exit 5\n');
  expect(await ended).toEqual({ exitCode: 5, signal: undefined });
  expect(modes).toEqual([true, false]);
  expect(stdout.listenerCount('resize')).toBe(0);
  expect(stdin.isPaused()).toBe(true);
});

test('Ctrl-C goes to the guest, and the end of input logs out', async () => {
  const { stdin, stdout, shows } = terminal(24, 80);
  const ended = session.login({ stdin, stdout });
  stdin.write('trap "echo caught-$((40+2))" INT; (echo sleeping-$((40+2)); exec sleep 600)\n');
  await shows(/sleeping-42/);
  stdin.write('\x03');
  await shows(/caught-42/);
  stdin.end();
  expect((await ended).signal).toBeUndefined();
});

test('cancelling restores the terminal', async () => {
  const controller = new AbortController();
  const { stdin, stdout, modes, shows } = terminal(24, 80);
  const ended = session.login({ stdin, stdout, signal: controller.signal });
  stdin.write('echo up-$((40+2))\n');
  await shows(/up-42/);
  controller.abort();
  await expect(ended).rejects.toMatchObject({ code: 'KATAVM_INTERRUPTED' });
  expect(modes).toEqual([true, false]);
});
