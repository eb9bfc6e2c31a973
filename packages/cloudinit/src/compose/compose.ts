import { validate } from '@katavm/core/document';
import type { CloudConfig, ComposeInput, ProxySettings, Seed } from '../adapter.js';
import { mergeConfigs } from '../cloud-config/merge.js';
import { renderYaml } from '../cloud-config/render.js';
import { dnfProxyCommands } from '../proxy/dnf.js';
import { proxyConfig } from '../proxy/proxy-config.js';
import { proxySchema } from '../proxy/proxy-schema.js';
import { refuseConflicts } from './owned.js';
import { packageNames } from './package-names.js';
import { normaliseUsers, withLoginUser } from './users.js';

/**
 * What katavm sets in every guest. Host keys come from the identity disk at each boot; those of the image are deleted, and since
 * cloud-init always makes one kind (its schema wants at least one), it makes the kind that takes no time.
 */
const always: CloudConfig = {
  preserve_hostname: false,
  disable_root: true,
  ssh_pwauth: false,
  ssh_deletekeys: true,
  ssh_genkeytypes: ['ed25519'],
  ssh_quiet_keygen: true,
};

/**
 * Puts the config's own user-data, the site's, and what katavm needs together, as data. Pure: equal input gives equal text.
 *
 * @throws KATAVM_USER_DATA_REDEFINES_USER where user-data sets what katavm owns, with the file and the line; KATAVM_PROXY_INVALID.
 */
export function compose(input: ComposeInput): Seed {
  refuseConflicts(input.own, input.site, input.user);
  const proxy = checkProxy(input.proxy);
  const wanted = mergeConfigs(normaliseUsers(input.own?.value ?? {}), normaliseUsers(input.site ?? {}));
  const complete = [withLoginUser(wanted, input.user), proxyConfig(proxy), always].reduce(mergeConfigs);
  // katavm's commands come first: whatever the config's own do, the guest can be reached.
  const config = withFirst(complete, 'bootcmd', [...input.bootCommands, ...dnfProxyCommands(proxy)]);
  return {
    userData: `#cloud-config\n${renderYaml(config)}`,
    metaData: renderYaml({ 'instance-id': input.instanceId, 'local-hostname': input.hostname }),
    ...(input.networkConfig === undefined ? {} : { networkConfig: renderYaml(input.networkConfig) }),
    ...packageNames(config['packages']),
  };
}

/** The command line and the library can both bring a proxy; its parts go into shell text and are not to be trusted unseen. */
function checkProxy(proxy: ProxySettings = {}): ProxySettings {
  return validate({
    value: proxy,
    schema: proxySchema,
    place: () => 'proxy',
    subject: 'the proxy',
    code: 'KATAVM_PROXY_INVALID',
  });
}

function withFirst(config: CloudConfig, key: string, items: readonly unknown[]): CloudConfig {
  const present = config[key];
  const all = [...items, ...(Array.isArray(present) ? present : [])];
  return all.length === 0 ? config : { ...config, [key]: all };
}
