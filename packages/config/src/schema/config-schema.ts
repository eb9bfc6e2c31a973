import { z } from '@katavm/core/schema';
import { agentSchema, baseSchema, cloudInitSchema, keysSchema, proxySchema, vmSchema } from './adapters.js';
import { completeSchema } from './complete.js';
import { guestSchema } from './guest.js';
import { isolationSchema, poolSchema, startSchema } from './start.js';

export const currentVersion = 1;

/** katavm.yaml. Each adapter owns its own part. */
export const configSchema = z.strictObject({
  version: z.literal(currentVersion).describe('The version of this file format'),
  extends: z
    .string()
    .trim()
    .min(1, 'must be the path of a config or of a file with a part of one')
    .optional()
    .describe('The config, or the file with a part of one, that this one is merged over'),
  base: baseSchema.describe('The disk that the master starts from: packages, url or path'),
  vm: vmSchema.prefault({}).describe('The virtual machine'),
  guest: guestSchema.prefault({}).describe('Who the guest is'),
  cloudInit: cloudInitSchema.prefault({}).describe("The master's first boot"),
  complete: completeSchema.prefault({}).describe('What is put into the master after its first boot, and what must then hold'),
  start: startSchema.default('cold').describe('How a clone comes to run: booted, booted ahead of time, or from a memory image'),
  pool: poolSchema.prefault({}).describe('The clones that are booted ahead of time, where start is pooled'),
  isolation: isolationSchema.prefault({}).describe('What a job asks of its host'),
  agent: agentSchema.prefault({}).describe('The CI agent that runs in a clone'),
  keys: keysSchema.prefault({}).describe("The key pair that opens this config's guests"),
  proxy: proxySchema.optional().describe('The proxies that the guest reaches the network by'),
});

export type Settings = z.output<typeof configSchema>;
