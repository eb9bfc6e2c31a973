// The adapters' parts of katavm.yaml, under one roof: what composes them imports from here alone.
export { cloudInitSchema, proxySchema, siteCloudConfigSchema } from '@katavm/cloudinit';
export { baseSchema } from '@katavm/images';
export { keysSchema } from '@katavm/keys';
export { vmSchema } from '@katavm/libvirt';
export { agentSchema } from '@katavm/ssh-agent-runner';
