import { formatSize } from '@katavm/core';
import type { Path } from '@katavm/core/document';
import { isMapping } from '../layers/tree.js';
import { writtenNetwork } from '../schema/network.js';
import type { VmConfig } from '../vm-config.js';
import { maskCredentials } from './mask.js';
import { shortDuration } from './short-duration.js';

/** One value of a config, as a person would write it. */
export interface ExplainedValue {
  /** As in katavm.yaml: `complete.checks.0.run`. */
  readonly path: string;
  readonly value: string | number | boolean | readonly [] | Readonly<Record<string, never>>;
  /** `file:line`, or `default`. */
  readonly origin: string;
}

/** Every value of a config, in katavm.yaml's terms and order, and where it was written. User names and passwords in URLs are masked. */
export function explain(config: VmConfig): ExplainedValue[] {
  return rowsOf(asWritten(config), [], config);
}

function rowsOf(node: unknown, path: Path, config: VmConfig): ExplainedValue[] {
  if (Array.isArray(node) && node.length > 0) return node.flatMap((item, index) => rowsOf(item, [...path, index], config));
  if (isMapping(node) && Object.keys(node).length > 0) {
    return Object.entries(node).flatMap(([key, value]) => rowsOf(value, [...path, key], config));
  }
  if (node === undefined) return [];
  const value = (typeof node === 'string' ? maskCredentials(node) : node) as ExplainedValue['value'];
  return [{ path: path.join('.'), value, origin: config.origins.of(path) }];
}

/** The config in the shape of katavm.yaml, sizes and durations and modes as they are written there. */
function asWritten(config: VmConfig): Record<string, unknown> {
  const { base, vm, guest, cloudInit, complete, agent, keys, proxy, site } = config;
  const timed = <T extends { timeout: number }>(part: T) => ({ ...part, timeout: shortDuration(part.timeout) });
  return {
    base,
    vm: { ...vm, network: writtenNetwork(vm.network), memory: formatSize(vm.memory), disk: formatSize(vm.disk) },
    guest,
    cloudInit: {
      userData: cloudInit.userDataFile,
      networkConfig: cloudInit.networkConfigFile,
      timeout: shortDuration(cloudInit.timeout),
    },
    complete: {
      files: complete.files.map(({ targetTemplate: _, mode, ...file }) => ({ ...file, mode: mode.toString(8).padStart(4, '0') })),
      commands: complete.commands.map(timed),
      checks: complete.checks.map(timed),
    },
    agent,
    keys,
    proxy,
    cloudConfig: site.cloudConfig,
    modules: Object.keys(site.modules).length > 0 ? site.modules : undefined,
  };
}
