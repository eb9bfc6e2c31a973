import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { hasCode, ignoreEvents } from '@katavm/core';
import type { ConnectInput, GuestSession, SshAdapter } from '../adapter.js';
import { collecting, piped } from './streams.js';

/** Those of any test runner; the suite asserts by node:assert. */
export interface TestFunctions {
  describe(name: string, define: () => void): void;
  it(name: string, test: () => Promise<void>): void;
}

/** A running OpenSSH server that stands for a guest. */
export interface SshWorld {
  /** What connects to it, as an ordinary user: sshd takes no signals for root's sessions. */
  readonly input: ConnectInput;
  /** Another key pair's private key, which the server does not let in. */
  readonly strangerKeyPath: string;
  /** A folder of the guest's where that user may write. */
  readonly folder: string;
}

/** What katavm relies on, as tests: a replacement of `@katavm/ssh-agent-runner` has to pass them. */
export function sshContract(adapter: SshAdapter, world: () => SshWorld, { describe, it }: TestFunctions): void {
  const inSession = (name: string, run: (session: GuestSession) => Promise<void>) => it(name, () => withSession(run));
  const withSession = async (run: (session: GuestSession) => Promise<void>) => {
    const session = await adapter.connect(world().input);
    try {
      await run(session);
    } finally {
      session.close();
      await session.closed;
    }
  };

  describe('reaching a guest', () => {
    it('waits for the banner', async () => {
      const { address } = world().input;
      const banner = adapter.waitForBanner({ address, timeoutMilliseconds: 20_000, hint: 'is sshd up?', emit: ignoreEvents });
      assert.match(await banner, /^SSH-2\.0-/);
    });

    it('never connects to one with another host key', async () => {
      const work = adapter.connect({ ...world().input, hostKey: anotherHostKey });
      await fails(work, 'KATAVM_HOST_KEY_MISMATCH');
    });

    it('tells that the guest does not let this key in', () =>
      fails(adapter.connect({ ...world().input, privateKeyPath: world().strangerKeyPath }), 'KATAVM_SSH_REFUSED'));

    // Port 9 of loopback: discard, where hardly anybody listens. A lost connection during a boot is tried again by this code.
    it('tells that nobody answers', () =>
      fails(
        adapter.connect({ ...world().input, address: { host: '127.0.0.1', port: 9 }, timeoutMilliseconds: 2000 }),
        'KATAVM_GUEST_UNREACHABLE',
      ));
  });

  describe('running a command', () => {
    inSession('gives its outputs apart, its exit code, and its input', async (session) => {
      const end = await session.run('cat; echo err >&2; exit 3', { input: 'in' });
      assert.deepEqual(end, { exitCode: 3, signal: undefined, stdout: 'in', stderr: 'err\n' });
    });

    inSession('tells each line as it comes', async (session) => {
      const lines: string[] = [];
      await session.run('echo one; echo two >&2; printf three', { onLine: (stream, line) => lines.push(`${stream} ${line}`) });
      assert.deepEqual(lines.sort(), ['stderr two', 'stdout one', 'stdout three']);
    });

    inSession('ends it when its time is over', (session) =>
      fails(session.run('exec sleep 600', { timeoutMilliseconds: 500 }), 'KATAVM_GUEST_COMMAND_TIMED_OUT'),
    );

    inSession('takes every word that was quoted as it was', async (session) => {
      const words = ['two words', "it's", '$HOME', '', '*', '"quoted"', 'back\\slash', 'new\nline', 'ü', '`id`'];
      const { stdout } = await session.run(adapter.quoteCommand(['printf', '%s\\0', ...words]));
      assert.deepEqual(stdout.split('\0').slice(0, -1), words);
    });
  });

  describe('piping a command', () => {
    inSession('carries every byte both ways, and honours the end of stdin', async (session) => {
      const data = Buffer.concat([Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)), randomBytes(8_000_000)]);
      const { stdout, end } = await piped(session, 'cat; exit 7', data);
      assert.deepEqual(end, { exitCode: 7, signal: undefined });
      assert.ok(stdout.equals(data), 'what came back is not what was sent');
    });

    inSession('tells a death by a signal, as a shell does', async (session) => {
      assert.deepEqual((await piped(session, 'kill -TERM $$')).end, { exitCode: 143, signal: 'TERM' });
    });

    inSession('hands signals to the command', async (session) => {
      const stdout = collecting((text) => text.includes('ready') && running.then((command) => command.sendSignal('TERM')));
      const command = 'trap "exit 9" TERM; echo ready; while :; do sleep 0.1; done';
      const streams = { stdin: collecting(() => {}), stdout, stderr: collecting(() => {}) };
      const running = session.pipe(command, streams);
      assert.equal((await (await running).ended).exitCode, 9);
    });

    inSession('leaves the streams to their owner', async (session) => {
      const streams = { stdin: collecting(() => {}), stdout: collecting(() => {}), stderr: collecting(() => {}) };
      await (await session.pipe('head -c 1 /dev/zero', streams)).ended;
      const touched = Object.values(streams).filter((stream) => stream.writableEnded || stream.destroyed);
      assert.deepEqual(touched, []);
    });

    inSession('tells that the guest is lost when the connection ends first', async (session) => {
      const streams = { stdin: collecting(() => {}), stdout: collecting(() => {}), stderr: collecting(() => {}) };
      const { ended } = await session.pipe('exec sleep 600', streams);
      session.close();
      await fails(ended, 'KATAVM_GUEST_LOST');
    });
  });

  describe('putting a file', () => {
    inSession('gives it its mode and its bytes, in place of an older one', async (session) => {
      const target = `${world().folder}/it's a file`;
      const bytes = randomBytes(1_000_001);
      await session.putFile({ source: Buffer.from('older'), target });
      await session.putFile({ source: bytes, target, mode: 0o750 });
      const { stdout } = await session.run(
        `stat -c %a ${adapter.quoteCommand([target])}; sha256sum < ${adapter.quoteCommand([target])}`,
      );
      assert.deepEqual(stdout.split(/\s+/).slice(0, 2), ['750', createHash('sha256').update(bytes).digest('hex')]);
    });

    inSession('tells what cannot be written, and what cannot be read', async (session) => {
      await fails(session.putFile({ source: Buffer.from('x'), target: '/no/such/folder/x' }), 'KATAVM_PUT_FAILED');
      await fails(session.putFile({ source: '/no/such/file', target: `${world().folder}/y` }), 'KATAVM_FILE_UNREADABLE');
    });
  });
}

/** Of a key that was thrown away. */
const anotherHostKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMbDOR2MD2682skq2Sfg1ImwTuNT6XNDIkpcUnU70ZTK';

async function fails(work: Promise<unknown>, code: `KATAVM_${string}`): Promise<void> {
  await assert.rejects(work, (error) => {
    assert.ok(hasCode(error, code), `expected ${code}, got ${error}`);
    return true;
  });
}
