import { rm } from 'node:fs/promises';
import type { VmConfig } from '@katavm/config';
import { KatavmError, parseVmName, trackStep, type UndoStack, type VmName, waitFor } from '@katavm/core';
import type { DomainSpec, Hypervisor } from '@katavm/libvirt';
import type { GuestSession } from '@katavm/ssh-agent-runner';
import { rootSerial } from '../clone/clone-domain.js';
import { guestDied, isDead } from '../clone/guest-died.js';
import { reachGuest } from '../clone/reach-guest.js';
import { consoleTail, followConsole } from '../console/console-log.js';
import type { Context } from '../context/context.js';
import { identitySerial } from '../identity/identity-disk.js';
import { type PartialBuild, partialFiles } from './partial-build.js';

/** The VM that a master is built in, running and reached. */
export interface BuildVm {
  readonly build: PartialBuild;
  readonly directory: string;
  /** Its root disk. */
  readonly disk: string;
  readonly hypervisor: Hypervisor;
  readonly session: GuestSession;
  readonly stopFollowing: () => void;
}

export interface BootInput {
  readonly config: VmConfig;
  readonly build: PartialBuild;
  readonly directory: string;
  /** The root disk to boot: an overlay of the base. */
  readonly disk: string;
  readonly undo: UndoStack;
  readonly signal: AbortSignal;
}

/**
 * Starts the build's VM and connects to it. It dies with this process: a build that was killed leaves a folder for gc,
 * and no VM.
 */
export async function bootBuildVm(context: Context, input: BootInput): Promise<BuildVm> {
  const { config, build, directory, disk, undo, signal } = input;
  const name = parseVmName(build.domain.name);
  const hypervisor = await context.connect(config.vm.uri, signal);
  undo.push(`build VM ${name}`, () => hypervisor.remove(name));
  await hypervisor.remove(name);
  await hypervisor.define(buildSpec(context, input));
  const stopFollowing = followStages(context, partialFiles(directory).console, signal);
  undo.push('console', async () => stopFollowing());
  const session = await reachGuest(context, {
    hypervisor,
    name,
    network: config.vm.network,
    macAddress: build.domain.macAddress,
    user: config.guest.user,
    keyPath: build.keyPath,
    hostKey: build.hostKey,
    emulated: build.acceleration === 'tcg',
    start: () => trackStep(context.emit, 'start build VM', name, () => hypervisor.start(name, { dieWithUs: true })),
    consoleLog: partialFiles(directory).console,
    timeoutMilliseconds: config.cloudInit.timeout,
    signal,
  });
  undo.push('SSH connection', async () => session.close());
  return { build, directory, disk, hypervisor, session, stopFollowing };
}

/** Tells cloud-init's stages as the guest's console shows them: from the first one, long before the guest answers SSH. */
function followStages(context: Context, consoleLog: string, signal: AbortSignal): () => void {
  const stopped = new AbortController();
  const onLine = (line: string) => {
    const stage = context.adapters.cloudinit.stageOfConsoleLine(line);
    if (stage) context.emit({ type: 'output', source: 'cloud-init', line: `stage ${stage}` });
  };
  void followConsole(consoleLog, onLine, AbortSignal.any([signal, stopped.signal]));
  return () => stopped.abort();
}

/** Powers the guest off by itself, so that its file system is clean, and takes the domain away. */
export async function powerOffBuildVm(context: Context, vm: BuildVm, signal: AbortSignal): Promise<void> {
  const name = parseVmName(vm.build.domain.name);
  await trackStep(context.emit, 'power off build VM', name, async () => {
    await vm.session.run('sudo systemctl poweroff', { signal }).catch(() => {}); // the connection may end before the answer
    await waitFor(
      {
        name: `${name} to power off`,
        probe: () => isOff(vm.hypervisor, name),
        timeoutMilliseconds: powerOffMilliseconds,
        hint: `see what holds it up in ${partialFiles(vm.directory).console}`,
      },
      { signal, emit: context.emit },
    );
    vm.session.close();
    vm.stopFollowing();
    await vm.hypervisor.remove(name);
  });
}

/** @throws KATAVM_GUEST_HALTED where its disk does not hold what it wrote last. */
async function isOff(hypervisor: Hypervisor, name: VmName): Promise<true | undefined> {
  const state = await hypervisor.state(name);
  if (state === 'halted') throw guestDied(name, 'it powered off', state);
  return isDead(state) || undefined;
}

/** systemd gives a service 90 s to stop (DefaultTimeoutStopSec) before it kills it; an emulated guest needs a moment more. */
const powerOffMilliseconds = 150_000;

function buildSpec(context: Context, { config, build, directory, disk }: BootInput): DomainSpec {
  const files = partialFiles(directory);
  return {
    name: parseVmName(build.domain.name),
    uuid: build.domain.uuid,
    vcpus: config.vm.vcpus,
    memory: config.vm.memory,
    acceleration: build.acceleration,
    cpu: config.vm.cpu,
    disks: [
      { path: disk, format: 'qcow2', backing: build.backing, serial: rootSerial, readOnly: false },
      { path: files.identity, format: 'raw', serial: identitySerial, readOnly: true },
      { path: files.seed, format: 'raw', serial: 'katavm-seed', readOnly: true },
    ],
    boot: build.boot.kind === 'kernel' ? { ...build.boot, initrd: build.boot.initrd } : build.boot,
    network: config.vm.network,
    macAddress: build.domain.macAddress,
    consoleLog: files.console,
    metadata: {
      config: config.name,
      generation: build.generation,
      clone: build.domain.name,
      purpose: 'build',
      owner: context.owner,
      created: build.created,
      home: context.state.home,
    },
  };
}

/** What failed in the guest, with the console's last lines and the path of the whole. */
export async function buildFailed(input: {
  readonly code: `KATAVM_${string}`;
  readonly message: string;
  readonly hint: string;
  readonly directory: string;
  readonly log?: string;
}): Promise<KatavmError> {
  const log = input.log ?? partialFiles(input.directory).console;
  return new KatavmError({
    code: input.code,
    message: input.message,
    hint: input.hint,
    log,
    details: { console: await consoleTail(partialFiles(input.directory).console) },
  });
}

/** Removes a build's folder. */
export async function discardPartial(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true });
}
