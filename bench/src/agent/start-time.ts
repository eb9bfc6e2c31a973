import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exec, start, waitFor } from '@katavm/core';

/**
 * Milliseconds from the start of a hook to its first call of virsh, so many times: a virsh before the real one in PATH notes the
 * time, and the launch is ended then.
 */
export async function timeToFirstVirsh(hook: string, env: Readonly<Record<string, string>>, rounds: number): Promise<number[]> {
  const folder = await mkdtemp(join(tmpdir(), 'katavm-bench-virsh-'));
  const note = join(folder, 'note');
  try {
    const { stdout: real } = await exec('sh', ['-c', 'command -v virsh']);
    await writeFile(
      join(folder, 'virsh'),
      `#!/bin/bash\n[ -e ${note} ] || echo "$EPOCHREALTIME" >${note}.new && mv ${note}.new ${note}\nexec ${real} "$@"\n`,
    );
    await chmod(join(folder, 'virsh'), 0o755);
    const samples: number[] = [];
    for (let round = 0; round < rounds; round++) {
      await rm(note, { force: true });
      const begin = performance.timeOrigin + performance.now();
      const launch = start(hook, ['minimal', 'true'], { env: { ...env, PATH: `${folder}:${process.env['PATH']}` } });
      samples.push((await noted(note)) - begin);
      launch.stdin.end();
      await launch.ended;
    }
    return samples;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function noted(path: string): Promise<number> {
  return waitFor({
    name: 'the first call of virsh',
    probe: async () => {
      const text = await readFile(path, 'utf8').catch(() => '');
      return text === '' ? undefined : Number(text.replace(',', '.')) * 1000;
    },
    timeoutMilliseconds: 30_000,
    hint: 'try the hook by hand',
  });
}
