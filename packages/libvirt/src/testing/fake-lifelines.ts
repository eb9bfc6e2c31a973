import type { Hypervisor } from '../hypervisor.js';
import type { FakeLibvirt } from './fake-libvirt.js';

/** Shared connections in memory: each ends with the last who holds it. */
export function fakeLifelines(connect: () => Hypervisor): Pick<FakeLibvirt, 'connectShared' | 'holdLifeline' | 'breakShared'> {
  const lifelines = new Map<string, { holders: number; end: () => Promise<void> }>();
  const hold = (path: string) => {
    const lifeline = lifelines.get(path);
    if (!lifeline) return undefined;
    lifeline.holders++;
    return { release: async () => void (--lifeline.holders === 0 && (await lifeline.end())) };
  };
  return {
    connectShared(path) {
      if (lifelines.has(path)) throw new Error(`there is a lifeline ${path} already`);
      const hypervisor = connect();
      let tell = () => {};
      const ended = new Promise<void>((resolve) => {
        tell = resolve;
      });
      const end = async () => {
        lifelines.delete(path);
        await hypervisor.close();
        tell();
      };
      lifelines.set(path, { holders: 0, end });
      const own = hold(path);
      const leave = async () => {
        tell();
        await own?.release();
      };
      return { hypervisor, ended, leave, end };
    },
    holdLifeline: hold,
    breakShared: async (path) => lifelines.get(path)?.end(),
  };
}
