// A katavm process that takes over a shared connection by its lifeline, and says so.
import { adapter } from '@katavm/libvirt';

const lifeline = await adapter.holdLifeline(process.argv[2]);
process.stdout.write(lifeline ? 'holding\n' : 'too late\n');
setInterval(() => {}, 1000);
