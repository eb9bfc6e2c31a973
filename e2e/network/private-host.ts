import { once } from 'node:events';
import { join } from 'node:path';
import { exec, start } from '@katavm/core';

/** A libvirt in namespaces of its own: no interface, no process and no socket of the host's is in there. */
export interface PrivateHost {
  /** The words of a command that runs another one inside. */
  readonly within: readonly string[];
  /** Runs a command inside and returns what it printed. */
  run(command: string, args: readonly string[]): Promise<string>;
  /** Ends everything inside, whoever started it. */
  close(): Promise<void>;
}

const namespaces = ['--net', '--mount', '--pid'];

/** Why there can be no private host here, if so. */
export async function whyNoPrivateHost(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return 'only root may make network namespaces and run a libvirt of the system in one';
  const tried = await exec('unshare', [...namespaces, '--fork', 'true'], { acceptExitCodes: [0, 1] });
  return tried.exitCode === 0 ? undefined : tried.stderr;
}

export async function openPrivateHost(): Promise<PrivateHost> {
  const init = start('unshare', [...namespaces, '--fork', '--kill-child', join(import.meta.dirname, 'private-libvirt')]);
  let errors = '';
  init.stderr.on('data', (text) => {
    errors += text;
  });
  const died = init.ended.then(({ failure }) => Promise.reject(new Error(`no libvirt in a namespace: ${failure}\n${errors}`)));
  died.catch(() => {});
  const said = await Promise.race([once(init.stdout, 'data'), died]);
  const within = ['nsenter', '--target', String(said[0]).trim(), ...namespaces, '--'];
  return {
    within,
    async run(command, args) {
      const [nsenter = '', ...words] = [...within, command, ...args];
      return (await exec(nsenter, words)).stdout;
    },
    async close() {
      init.stdin.end();
      await init.ended;
    },
  };
}
