import { createHash } from 'node:crypto';
import type { RunningHook } from './hook.js';

// How remoting's stdio channel begins: each side sends the words, a capability in base64, and the mode (four NULs: binary).
const words = '<===[JENKINS REMOTING CAPACITY]===>';
const capability = Buffer.from('a capability of the stand-in').toString('base64');
export const preamble = Buffer.concat([Buffer.from(words + capability), Buffer.alloc(4)]);

/** Remoting's frames: two bytes, big endian, the upper bit set where the message goes on, then up to 32767 bytes. */
const longestFrame = 0x7fff;

function frame(payload: Buffer, goesOn = false): Buffer {
  const header = Buffer.alloc(2);
  header.writeUInt16BE(payload.length | (goesOn ? 0x8000 : 0));
  return Buffer.concat([header, payload]);
}

/** The end of a zip without a file in it. */
const zipEnd = Buffer.concat([Buffer.from('PK\x05\x06', 'latin1'), Buffer.alloc(18)]);

/**
 * A stand-in for agent.jar: a shell script, for a guest without Java, that is a zip as well (its end says so). It answers the
 * preamble, which it reads byte by byte as the channel must not lose one, and then sends back every frame as it came.
 */
export const agentScript = Buffer.concat([
  Buffer.from('PK\x03\x04 2>/dev/null\n', 'latin1'),
  Buffer.from(`# The stand-in agent.
echo 'agent: up' >&2
head -c ${preamble.length} >/tmp/preamble
printf '${words}${capability}\\0\\0\\0\\0'
exec cat
`),
  zipEnd,
]);

/** What makes a config start the script: "java" with options that leave the script's path as its argument. */
export const agentLayer = { java: '/bin/sh', javaOptions: ['-c', 'exec sh "$1"'] };

/** As SSH Build Agents has it, with a "java" that runs the script. */
export function jenkinsCommand(folder: string): string {
  return `cd "${folder}" && sh -c "exec sh \\"\\$2\\"" sh -jar remoting.jar -workDir ${folder} -jar-cache ${folder}/remoting/jarCache`;
}

/** The controller's side of a channel. */
export class Controller {
  #received: Buffer[] = [];
  #bytes = 0;
  #wanted: { readonly bytes: number; readonly done: () => void } | undefined;

  constructor(private readonly hook: RunningHook) {
    hook.stdout.on('data', (chunk: Buffer) => {
      this.#received.push(chunk);
      this.#bytes += chunk.length;
      if (this.#wanted && this.#bytes >= this.#wanted.bytes) this.#wanted.done();
    });
  }

  /** Sends the preamble and reads the agent's: the very first bytes must be it. */
  async open(): Promise<void> {
    this.hook.stdin.write(preamble);
    const answer = await this.read(preamble.length);
    if (!answer.equals(preamble)) throw new Error(`not the agent's preamble: ${JSON.stringify(answer.toString('latin1'))}`);
  }

  /** One frame there and back. */
  async roundTrip(payload: Buffer): Promise<Buffer> {
    const sent = frame(payload);
    this.hook.stdin.write(sent);
    return (await this.read(sent.length)).subarray(2);
  }

  /** Sends frames made of `data` as fast as the channel takes them, and reads them back. @returns the digests of both. */
  async exchange(data: Buffer): Promise<{ readonly sent: string; readonly received: string }> {
    const sent = createHash('sha256');
    let total = 0;
    const sending = (async () => {
      for (let at = 0; at < data.length; at += longestFrame) {
        const piece = frame(data.subarray(at, at + longestFrame), at + longestFrame < data.length);
        sent.update(piece);
        if (!this.hook.stdin.write(piece)) await new Promise((resolve) => this.hook.stdin.once('drain', resolve));
      }
    })();
    const frames = Math.ceil(data.length / longestFrame);
    total = data.length + 2 * frames;
    const [received] = await Promise.all([this.read(total), sending]);
    return { sent: sent.digest('hex'), received: createHash('sha256').update(received).digest('hex') };
  }

  async read(bytes: number): Promise<Buffer> {
    if (this.#bytes < bytes) {
      await Promise.race([
        new Promise<void>((done) => {
          this.#wanted = { bytes, done };
        }),
        this.hook.ended.then(() => Promise.reject(new Error(`the hook ended:\n${this.hook.log()}`))),
      ]);
      this.#wanted = undefined;
    }
    const all = Buffer.concat(this.#received);
    const rest = all.subarray(bytes);
    this.#received = [rest];
    this.#bytes = rest.length;
    return all.subarray(0, bytes);
  }
}
