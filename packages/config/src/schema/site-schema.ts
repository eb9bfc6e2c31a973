import { z } from '@katavm/core/schema';
import { siteCloudConfigSchema } from './adapters.js';
import { configSchema } from './config-schema.js';
import { fragmentOf, fragmentShape } from './fragment.js';

const modulesSchema = z
  .strictObject({
    cloudinit: z.string().min(1),
    images: z.string().min(1),
    libvirt: z.string().min(1),
    keys: z.string().min(1),
    ssh: z.string().min(1),
  })
  .partial();

export type SiteModules = Readonly<z.infer<typeof modulesSchema>>;

/** A part of katavm.yaml: a layer. */
export const layerSchema = fragmentOf(configSchema);

/** The site file goes over every config: what a config extends is the config's own to say. */
const overConfigs = configSchema.omit({ extends: true });

/** A site file: a layer over every config, what it adds to all guests, and layers for single configs. */
export const siteSchema = z.strictObject({
  ...fragmentShape(overConfigs),
  cloudConfig: siteCloudConfigSchema.nullish(),
  modules: modulesSchema.nullish(),
  configs: z.record(z.string(), fragmentOf(overConfigs).nullish()).nullish(),
});
