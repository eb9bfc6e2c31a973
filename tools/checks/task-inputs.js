// A change in unit tests runs them alone again: no build, no contract test and no guest has them among its inputs. And no task has
// what a task writes: it would run every time.
import { exec } from '../../packages/core/dist/index.js';

const { stdout } = await exec('tools/turbo', ['run', 'contract', 'e2e', '--dry=json']);
const { tasks } = JSON.parse(stdout.slice(stdout.indexOf('{')));
for (const { taskId, inputs } of tasks) {
  for (const path of Object.keys(inputs)) {
    if (!/\.test\.ts$|(^|\/)(dist|reports|node_modules|\.turbo)\//.test(path)) continue;
    process.stderr.write(`${taskId}: ${path} is among its inputs (turbo.json)\n`);
    process.exitCode = 1;
  }
}
