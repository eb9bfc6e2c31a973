import { randomBytes } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { exec, type UndoStack } from '@katavm/core';
import { DOMParser, type Element } from '@xmldom/xmldom';
import { type Environment, katavm } from './katavm.js';

/** What a clone is made of, for those who boot the same disk without katavm. */
export interface Parts {
  readonly config: string;
  /** katavm's, in which all this lies. */
  readonly home: string;
  /** The sealed disk. */
  readonly disk: string;
  readonly dataBytes: number;
  /** An identity disk, and what opens a guest that has it. */
  readonly identity: string;
  readonly user: string;
  readonly keyPath: string;
  readonly hostKey: string;
  readonly kernel: string;
  readonly initrd: string;
  readonly commandLine: string;
  readonly vcpus: number;
  readonly kibibytes: number;
  readonly accelerator: 'kvm' | 'tcg';
  /** As QEMU's `-cpu` has it, and as a domain has it. */
  readonly cpu: string;
  readonly cpuXml: string;
}

/** From the domain and the record of a clone that is made for this and never started; its master is built where there is none. */
export async function takeParts(
  config: string,
  env: Environment,
  uri: string,
  undo: UndoStack,
  signal: AbortSignal,
): Promise<Parts> {
  await katavm(['master', 'build', config], env, signal);
  const name = `bench-${randomBytes(4).toString('hex')}`;
  undo.push(`clone ${name}`, async () => void (await katavm(['clone', 'delete', name], env)));
  await katavm(['clone', 'create', config, '--name', name], env, signal);
  const { stdout } = await exec('virsh', ['-q', '-c', uri, 'dumpxml', name], { signal });
  const domain = new DOMParser().parseFromString(stdout, 'text/xml').documentElement;
  const text = (tag: string) => domain?.getElementsByTagName(tag)[0]?.textContent ?? '';
  if (!domain || text('kernel') === '') throw new Error(`${config} boots by its own boot loader: compare a config that does not`);
  // In the order of the document: the overlay, the master below it, the identity disk.
  const [, disk = '', identity = ''] = [...domain.getElementsByTagName('source')].map(
    (source) => source.getAttribute('file') ?? '',
  );
  const record = JSON.parse(await readFile(join(dirname(identity), 'clone.json'), 'utf8')) as Pick<
    Parts,
    'user' | 'keyPath' | 'hostKey'
  >;
  return {
    home: resolve(dirname(identity), '../..'), // of clones/NAME/
    ...{ config, disk, identity, user: record.user, keyPath: record.keyPath, hostKey: record.hostKey },
    dataBytes: (await stat(disk)).blocks * 512,
    ...{ kernel: text('kernel'), initrd: text('initrd'), commandLine: text('cmdline') },
    vcpus: Number(text('vcpu')),
    kibibytes: Number(text('memory')), // virsh gives KiB, whatever the domain was defined with
    accelerator: domain.getAttribute('type') === 'kvm' ? 'kvm' : 'tcg',
    ...cpuOf(domain),
  };
}

function cpuOf(domain: Element): Pick<Parts, 'cpu' | 'cpuXml'> {
  const cpu = domain.getElementsByTagName('cpu')[0];
  const model = { 'host-passthrough': 'host', maximum: 'max' }[cpu?.getAttribute('mode') ?? ''];
  if (!cpu || !model) throw new Error('compare a config whose CPU is host-passthrough');
  const off = [...cpu.getElementsByTagName('feature')].map((feature) => `${feature.getAttribute('name')}=off`);
  return { cpu: [model, ...off].join(','), cpuXml: cpu.toString() };
}
