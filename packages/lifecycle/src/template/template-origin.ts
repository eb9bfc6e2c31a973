import { stat } from 'node:fs/promises';
import type { DomainSpec } from '@katavm/libvirt';
import type { FindOrigin } from '../clone/make-clone.js';
import type { Context } from '../context/context.js';
import { findTemplate } from './find-template.js';
import { templateFiles } from './template-folder.js';
import { templateKey } from './template-key.js';
import { templateUnavailable } from './template-unavailable.js';
import { verifyTemplate } from './verify-template.js';

export interface TemplateOriginInput {
  readonly config: string;
  readonly signal: AbortSignal;
}

/** What a clone of a template goes on from. @throws KATAVM_TEMPLATE_UNAVAILABLE, KATAVM_TEMPLATE_ALTERED */
export function templateOrigin(context: Context, { config, signal }: TemplateOriginInput): FindOrigin {
  return async (planned, hypervisor) => {
    const { generation } = planned.metadata;
    const key = await templateKey(hypervisor, planned, generation);
    const template = await findTemplate(context, config, key);
    await verifyTemplate(template, signal);
    const { directory, record } = template;
    const master = planned.disks[0]?.backing;
    const backing = { path: templateFiles(directory).disk, format: 'qcow2' as const, backing: master };
    return {
      template: template.name,
      backing,
      async adapt(spec): Promise<DomainSpec> {
        const [root, identity] = spec.disks as [DomainSpec['disks'][0], DomainSpec['disks'][0]];
        const { size } = await stat(identity.path);
        // The guest has read the disk's size at its boot, and will not look again.
        if (size !== record.identityBytes) {
          const sizes = `an identity disk of ${record.identityBytes} bytes, and this clone's has ${size}`;
          throw templateUnavailable(`the memory image was taken with ${sizes}`, config);
        }
        const machine = key['machine type'];
        const image = { folder: directory, use: 'restore' as const };
        return { ...spec, machine, image, disks: [{ ...root, backing }, identity] };
      },
    };
  };
}
