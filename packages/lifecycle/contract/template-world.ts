// Homes with a template, on a libvirt in memory whose guests have a wake agent.
import { EventEmitter, once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { PassThrough } from 'node:stream';
import { toVmName } from '@katavm/core';
import { collectGarbage } from '../src/gc/collect-garbage.js';
import { runInClone } from '../src/run/run-in-clone.js';
import { currentGeneration } from '../src/state/generations.js';
import { takeTemplate } from '../src/template/take-template.js';
import type { Template } from '../src/template/template-folder.js';
import { newWorld, type World, type WorldOptions } from '../src/testing/world.js';

const { signal } = new AbortController();
/** A config with a small memory, which is read whole in each test. */
export const withVm = (vm = '') => `{version: 1, base: {packages: {suite: bookworm}}, vm: {${vm === '' ? 'memory: 64MiB' : vm}}}`;
export const small = 'memory: 64MiB';

export async function take(world: World, options: { text?: string; force?: boolean } = {}) {
  const config = await world.config('debian12', options.text ?? withVm());
  const generation = await currentGeneration(world.context.state, 'debian12');
  return takeTemplate(world.context, { config, generation, force: options.force ?? false }, signal);
}

/** A home with a master and its template. */
export async function newTemplate(options: WorldOptions = {}): Promise<{ world: World; template: Template }> {
  const world = await newWorld(options);
  await world.layMaster();
  return { world, template: (await take(world)).template };
}

/** A template whose clones may be connected to before the rest of them is mended, which waits for a login. */
export async function newSlowWaker(order: string[], answer: (id: string | undefined) => string) {
  const logins = new EventEmitter();
  const made = await newTemplate({
    wakeReply: async (message, _hangUp, say) => {
      if (!('identity' in message)) return `done ${message['id']} ${Date.now() / 1000}`;
      const login = once(logins, 'login');
      say(`reachable ${message['id']}`);
      await login;
      order.push('mended');
      return answer(message['id']);
    },
    login: async () => {
      order.push('login');
      logins.emit('login');
    },
  });
  order.length = 0; // the logins that warmed it
  return made;
}

/** How a run with `start: template` came to run, and what was said on the way. */
export async function run(world: World, text?: string, prepare?: () => Promise<void>) {
  const begin = world.events.length;
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const name = toVmName('debian12-job');
  const config = await world.config('debian12', text ?? withVm());
  const input = { config, name, start: 'template', command: 'true', stdin, stdout, stderr, keepOnFailure: false } as const;
  const { start } = await runInClone(world.context, prepare ? { ...input, prepare } : input, signal);
  const notices = world.events.slice(begin).filter((event) => event.type === 'notice');
  const told = notices.filter(({ code }) => code !== 'KATAVM_EMULATED');
  return { start, said: told.map(({ code, message }) => `${code} ${message}`).join('\n') };
}

export async function left({ context: { state }, libvirt }: World): Promise<string[]> {
  return [...(await readdir(state.clones)), ...libvirt.domains.keys()];
}

export const collect = ({ context }: World) => collectGarbage(context, { uri: 'fake:///', keepGenerations: 1 });
