// A katavm process that holds a running domain: defines the domain given as JSON, listens to it, starts it to die with this process,
// and says so.
import { ignoreEvents } from '@katavm/core';
import { adapter } from '@katavm/libvirt';

const [uri, spec] = process.argv.slice(2);
const hypervisor = await adapter.connect({ uri, emit: ignoreEvents });
const domain = JSON.parse(spec);
await hypervisor.define(domain);
await hypervisor.listen(domain.name, { changed: () => {}, networkUp: () => {} });
await hypervisor.start(domain.name, { dieWithUs: true });
process.stdout.write('holding\n');
setInterval(() => {}, 1000);
