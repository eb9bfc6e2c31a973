import { PassThrough } from 'node:stream';
import type { VmConfig } from '@katavm/config';
import { ExitCode, KatavmError, type VmName } from '@katavm/core';
import type { GuestSession } from '@katavm/ssh-agent-runner';
import type { Context } from '../context/context.js';
import { runInClone } from '../run/run-in-clone.js';
import { findWinnings, type Winning } from './find-winnings.js';
import {
  type BootTime,
  type ChainLink,
  parseBlame,
  parseBootTime,
  parseCriticalChain,
  parseEnabledUnits,
  type SlowUnit,
} from './parse-analyze.js';

/** How a clone of a master boots, as its systemd tells it. Seconds. */
export interface BootProfile {
  readonly clone: string;
  readonly generation: string;
  readonly time: BootTime;
  /** What the SSH server waited for. */
  readonly toSsh: readonly ChainLink[];
  /** What the end of the boot waited for. */
  readonly toEnd: readonly ChainLink[];
  readonly slowest: readonly SlowUnit[];
  readonly winnings: readonly Winning[];
}

export interface ProfileInput {
  readonly config: VmConfig;
  readonly name: VmName;
}

/** How many of the slowest units are worth reading. */
const shownUnits = 15;
/** Emulated on a busy host, the last services of a boot come minutes after its SSH server. */
const bootTimeoutMilliseconds = 600_000;

/**
 * Boots a clone of the current generation, asks it how it booted when it has ended booting, and deletes it.
 *
 * @throws KATAVM_PROFILE_FAILED where the guest has no systemd that tells.
 */
export async function profileMaster(context: Context, { config, name }: ProfileInput, signal: AbortSignal): Promise<BootProfile> {
  let answer: Answer | undefined;
  const nowhere = () => new PassThrough().resume();
  const { clone, generation } = await runInClone(
    context,
    {
      ...{ config, name, start: 'cold', command: 'true', keepOnFailure: false },
      ...{ stdin: new PassThrough().end(), stdout: nowhere(), stderr: nowhere() },
      prepare: async (session) => {
        answer = await ask(session, config.name, signal);
      },
    },
    signal,
  );
  if (!answer) throw new Error('a run prepared nothing');
  return { clone, generation, ...answer };
}

type Answer = Omit<BootProfile, 'clone' | 'generation'>;

async function ask(session: GuestSession, config: string, signal: AbortSignal): Promise<Answer> {
  const run = async (command: string) =>
    (await session.run(`LC_ALL=C ${command}`, { timeoutMilliseconds: bootTimeoutMilliseconds, signal })).stdout;
  // Its exit code says how the system is, which is another question.
  await run('systemctl is-system-running --wait');
  const time = await run('systemd-analyze time')
    .then(parseBootTime)
    .catch((error) => {
      throw profileFailed(config, error);
    });
  const toEnd = parseCriticalChain(await run('systemd-analyze --no-pager critical-chain'));
  // The one of the two names that there is.
  const ssh = (await run('systemctl list-unit-files --no-legend ssh.service sshd.service')).trim().split(/\s/)[0];
  const toSsh = parseCriticalChain(await run(`systemd-analyze --no-pager critical-chain ${ssh || 'ssh.service'}`));
  const blame = parseBlame(await run('systemd-analyze --no-pager blame'));
  const enabled = parseEnabledUnits(await run('systemctl list-unit-files --no-pager --no-legend --state=enabled'));
  const winnings = findWinnings(blame, [toSsh, toEnd], enabled, time.userspace ?? time.total);
  return { time, toSsh, toEnd, slowest: blame.slice(0, shownUnits), winnings };
}

function profileFailed(config: string, cause: unknown): KatavmError {
  return new KatavmError({
    code: 'KATAVM_PROFILE_FAILED',
    message: `a clone of ${config} does not tell how it booted`,
    hint: 'its guest needs systemd, and systemd-analyze',
    exitCode: ExitCode.failed,
    cause,
  });
}
