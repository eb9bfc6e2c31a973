import { expect, test } from 'vitest';
import { runningGuests, traces } from '../harness/traces.js';
import { openPrivateHost, whyNoPrivateHost } from '../network/private-host.js';
import { config, openPool, reached } from './pool-server.js';

const reason = await whyNoPrivateHost();

test.skipIf(reason)('a libvirtd that crashes takes no clone from its job, and leaves none that nobody has', async () => {
  const host = await openPrivateHost();
  try {
    const pool = await openPool({}, host.within);
    await pool.fill();
    const job = await pool.startJob();
    await pool.fill();
    const [waiting] = await pool.waiting();
    // In its own process namespace: this is no other libvirtd's number.
    await host.run('sh', [
      '-c',
      'pid=$(cat /run/libvirtd.pid); kill -KILL "$pid"; while kill -0 "$pid"; do :; done; libvirtd -d',
    ]);
    await reached('another clone in the place of the one that waited', async () => {
      const names = await pool.waiting();
      return names.length === 1 && names[0] !== waiting;
    });
    // The job's, and the one that waits now.
    expect(await runningGuests()).toHaveLength(2);
    expect(await job.ask('hostname')).toBe(`${job.clone}\n`);
    job.process.stdin.end();
    expect((await job.process.ended).exitCode).toBe(0);
    pool.server.kill('SIGTERM');
    await pool.server.ended;
    expect(await traces(config)).toEqual([]);
    expect(await host.run('virsh', ['-c', 'qemu:///system', 'list', '--all', '--name'])).toBe('');
  } finally {
    await host.close();
  }
});
