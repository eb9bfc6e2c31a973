// A katavm process that runs two domains, given as JSON: one on a connection with this lifeline, and one that is its own. Says so.
import { ignoreEvents } from '@katavm/core';
import { adapter } from '@katavm/libvirt';

const [uri, lifeline, shared, own] = process.argv.slice(2);
const connection = await adapter.connectShared({ uri, lifeline, emit: ignoreEvents });
await run(connection.hypervisor, JSON.parse(shared));
await run(await adapter.connect({ uri, emit: ignoreEvents }), JSON.parse(own));
process.stdout.write('holding\n');
setInterval(() => {}, 1000);

async function run(hypervisor, domain) {
  await hypervisor.define(domain);
  await hypervisor.start(domain.name, { dieWithUs: true });
}
