import { z } from 'zod';
import { agentSchema, baseSchema, cloudInitSchema, keysSchema, proxySchema, vmSchema } from './adapters.js';
import { completeSchema } from './complete.js';
import { guestSchema } from './guest.js';

export const currentVersion = 1;

/** katavm.yaml. Each adapter owns its own part. */
export const configSchema = z.strictObject({
  version: z.literal(currentVersion).describe('The version of this file format'),
  base: baseSchema.describe('The disk that the master starts from: packages, url or path'),
  vm: vmSchema.prefault({}).describe('The virtual machine'),
  guest: guestSchema.prefault({}).describe('Who the guest is'),
  cloudInit: cloudInitSchema.prefault({}).describe("The master's first boot"),
  complete: completeSchema.prefault({}).describe('What is put into the master after its first boot, and what must then hold'),
  agent: agentSchema.prefault({}).describe('The CI agent that runs in a clone'),
  keys: keysSchema.prefault({}).describe("The key pair that opens this config's guests"),
  proxy: proxySchema.optional().describe('The proxies that the guest reaches the network by'),
});

export type Settings = z.output<typeof configSchema>;
