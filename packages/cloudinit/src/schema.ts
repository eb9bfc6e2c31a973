import { isKatavmError, parseDuration } from '@katavm/core';
import { z } from '@katavm/core/schema';
import { cloudConfigSchema } from './cloud-config/schema.js';
import { findConflicts } from './compose/owned.js';

export { proxySchema } from './proxy/proxy-schema.js';

/** The `cloudInit` part of katavm.yaml. Paths are relative to the config's folder; whoever reads the config resolves them. */
export const cloudInitSchema = z.strictObject({
  userData: z.string().min(1).optional().describe('A #cloud-config file. Default: user-data, where the config has such a file'),
  networkConfig: z.string().min(1).optional().describe("A network-config file, version 1 or 2. Default: cloud-init's own: DHCP"),
  timeout: z
    .string()
    .refine(isDuration, { message: 'must be a duration such as 30m or 1.5h' })
    .default('30m')
    .describe("How long cloud-init's first boot may take"),
});

/** What a site adds to every guest: a cloud-config without the keys that katavm owns. */
export const siteCloudConfigSchema = cloudConfigSchema.superRefine((config, context) => {
  for (const { path, why } of findConflicts(config))
    context.addIssue({ code: 'custom', path: [...path], message: why, input: undefined });
});

function isDuration(text: string): boolean {
  try {
    return parseDuration(text) > 0;
  } catch (error) {
    if (isKatavmError(error)) return false;
    throw error;
  }
}

export type CloudInitConfig = z.infer<typeof cloudInitSchema>;
