import { createServer } from 'node:net';
import type { DomainSpec } from '@katavm/libvirt';

/** What a guest's wake agent answers to a message; on the way it may say more, or hang up. */
export type WakeReply = (
  message: Readonly<Record<string, string>>,
  hangUp: () => void,
  say: (line: string) => void,
) => string | Promise<string>;

const done: WakeReply = ({ id }) => `done ${id} ${Date.now() / 1000}`;

/** The wake agent of a guest that mends whatever it is told to, as guest/wake.py does. */
export async function runFakeWakeAgent(
  { wakeSocket }: Pick<DomainSpec, 'wakeSocket'>,
  reply: WakeReply = done,
): Promise<() => void> {
  if (wakeSocket === undefined) return () => {};
  const server = createServer((socket) => {
    const say = (line: string) => void (socket.writableEnded || socket.write(`${line}\n`));
    let text = '';
    socket.on('error', () => {});
    socket.on('data', (data) => {
      text += data;
      for (let end = text.indexOf('\nend\n'); end >= 0; end = text.indexOf('\nend\n')) {
        const pairs = text.slice(0, end).split('\n');
        text = text.slice(end + '\nend\n'.length);
        const message = Object.fromEntries(pairs.map((line) => [line.split(' ')[0], line.slice(line.indexOf(' ') + 1)]));
        void Promise.resolve(reply(message, () => socket.end(), say)).then(say);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(wakeSocket, resolve));
  return () => server.close();
}
