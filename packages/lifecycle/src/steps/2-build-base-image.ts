import type { VmConfig } from '@katavm/config';
import { type BuildInput, buildBaseImage as build } from '../build/build-master.js';
import { composeCheckedSeed } from '../build/compose-seed.js';
import { findInstalledBuild } from '../build/prepare-build.js';
import type { Context } from '../context/context.js';
import { assertFitsHost } from '../host/assert-fits-host.js';
import { findCurrent } from '../state/generations.js';
import { type Plan, planOf, type StepOptions } from './plan.js';

export interface BuildBaseImageInput extends StepOptions {
  readonly config: VmConfig;
  readonly force: boolean;
  readonly refreshBase: boolean;
}

export interface BuildBaseImageResult {
  readonly config: string;
  readonly generation: string;
  /** False where it was there already. */
  readonly built: boolean;
}

/** Step 2: base + cloud-init, in a VM that is powered off at the end. @throws KATAVM_BASE_*, KATAVM_USER_DATA_*, KATAVM_CLOUD_INIT_FAILED, … */
export async function buildBaseImage(
  context: Context,
  input: BuildBaseImageInput,
  signal: AbortSignal,
): Promise<BuildBaseImageResult | Plan> {
  const { config } = input;
  assertFitsHost(config);
  if (input.dryRun) return planBuild(context, input, signal);
  return { config: config.name, ...(await build(context, input, signal)) };
}

/** What a build would do; composes and checks user-data on the way, since that needs no host. */
export async function planBuild(context: Context, { config, force }: BuildInput, signal: AbortSignal): Promise<Plan> {
  const seed = await composeCheckedSeed(context, config, signal);
  const earlier =
    (await findInstalledBuild(context, config.name))?.build ?? (await findCurrent(context.state, config.name))?.manifest;
  // What a base holds is known when it is there: only then can a build be found to be the same.
  const compare = earlier && !force ? [['end here if nothing has changed since', earlier.generation] as const] : [];
  return planOf(
    ['prepare base', describeBase(config)],
    ...compare,
    ['create overlay', `${context.state.master(config.name)}/<generation>.partial`],
    ['boot build VM', `${config.vm.vcpus} vCPUs, ${config.vm.memory} MiB, on ${config.vm.uri}`],
    ['follow cloud-init to its end', `${seed.packages.length} packages to check`],
  );
}

function describeBase({ base }: VmConfig): string {
  if ('packages' in base) return `${base.packages.distribution} ${base.packages.suite} from packages`;
  return 'url' in base ? new URL(base.url).pathname : base.path;
}
