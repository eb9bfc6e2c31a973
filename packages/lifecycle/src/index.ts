export type { StartMode } from '@katavm/config';
export { defaultUri } from '@katavm/libvirt';
export type { Descriptors, GuestSession, PipedCommand, Traffic } from '@katavm/ssh-agent-runner';
export { assertJava, type MasterOfJava, type WantedJava } from './agent/assert-java.js';
export { configuredJar } from './agent/configured-jar.js';
export { javaTooOld } from './agent/failures.js';
export { configuredNeed, type JavaNeed, largerNeed } from './agent/java-record.js';
export { type AgentNeeds, prepareAgent } from './agent/prepare-agent.js';
export { jarNeed } from './agent/read-jar.js';
export { type BuildInput, buildMaster } from './build/build-master.js';
export { composeSeed } from './build/compose-seed.js';
export { jobCloneName, usualCloneName } from './clone/clone-names.js';
export { type CloneSummary, listClones } from './clone/list-clones.js';
export { listCloneNames } from './clone/live-names.js';
export { type Adapters, type Context, type ContextInput, openContext } from './context/context.js';
export { loadAdapters } from './context/load-adapters.js';
export { examineHost } from './doctor/examine-host.js';
export type { Finding } from './doctor/finding.js';
export { collectDeadJobs } from './gc/collect-dead-jobs.js';
export { type CollectInput, collectGarbage, type GarbageReport } from './gc/collect-garbage.js';
export { removeGeneration, useGeneration } from './gc/collect-old-generations.js';
export { assertFitsHost } from './host/assert-fits-host.js';
export { type DrainInput, drainPool } from './pool/drain-pool.js';
export { type FillInput, fillPool } from './pool/fill-pool.js';
export { type PoolStatus, poolStatus, type ServedConfig } from './pool/pool-status.js';
export { listQuiet } from './pool/quiet.js';
export { type ServePoolInput, servePool } from './pool/serve-pool.js';
export type { Winning } from './profile/find-winnings.js';
export type { BootTime, ChainLink, SlowUnit } from './profile/parse-analyze.js';
export { type BootProfile, type ProfileInput, profileMaster } from './profile/profile-master.js';
export { type RunEnding, type RunInput, type RunResult, runInClone } from './run/run-in-clone.js';
export {
  currentGeneration,
  findCurrent,
  type Generation,
  listGenerations,
  listMasters,
} from './state/generations.js';
export type { Manifest } from './state/manifest.js';
export { type RunRecord, runRecordSchema } from './state/run-record.js';
export { StateDirectory } from './state/state-directory.js';
export { verifyGeneration } from './state/verify-generation.js';
export { type CreateKeysInput, type CreateKeysResult, createKeys } from './steps/1-create-keys.js';
export { type BuildBaseImageInput, type BuildBaseImageResult, buildBaseImage, planBuild } from './steps/2-build-base-image.js';
export { type CompleteBaseImageInput, type CompleteBaseImageResult, completeBaseImage } from './steps/3-complete-base-image.js';
export { type CloneVmInput, type CloneVmResult, cloneVm } from './steps/4-clone-vm.js';
export { type LoginCloneInput, type LoginCloneResult, loginClone } from './steps/5-login-clone.js';
export { type StartCloneAgentInput, startCloneAgent } from './steps/6-start-clone-agent.js';
export { type DeleteCloneInput, type DeleteCloneResult, deleteClone } from './steps/7-delete-clone.js';
export { isPlan, type Plan, type PlannedAction } from './steps/plan.js';
export { type TakeTemplateInput, takeTemplate } from './template/take-template.js';
export type { LaunchTiming } from './timings/launch-clock.js';
