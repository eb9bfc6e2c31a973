import type { LibvirtAdapter } from './adapter.js';
import { connect } from './connection/connect.js';
import { createOverlay } from './disk/create-overlay.js';
import { flatten } from './disk/flatten.js';
import { imageInfo } from './disk/image-info.js';
import { isKvmOpen, probeKvm } from './kvm/probe-kvm.js';
import { connectShared } from './lifeline/connect-shared.js';
import { holdLifeline } from './lifeline/lifeline.js';

/** libvirt by virsh, images by qemu-img. */
export const adapter: LibvirtAdapter = {
  connect,
  connectShared,
  holdLifeline,
  createOverlay,
  flatten,
  imageInfo,
  isKvmOpen,
  probeKvm,
};
