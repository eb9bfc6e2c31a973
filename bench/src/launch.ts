// From a launch to the agent's first byte, each way, against the original's flow and QEMU alone; and what a clone takes of the host.
import { UndoStack } from '@katavm/core';
import { defaultUri } from '@katavm/libvirt';
import { compareAtOnce } from './launch/at-once.js';
import { measureGrowth } from './launch/growth.js';
import { endPools } from './launch/katavm.js';
import { measureOwnTime } from './launch/own-time.js';
import { takeParts } from './launch/parts.js';
import { rivalsOf } from './launch/rivals.js';
import { chosenRounds, chosenRows } from './launch/rows.js';
import { compareWays } from './launch/ways.js';
import { runBench } from './run-bench.js';

/** Of the home that katavm uses here; built, where it is not there yet. */
const config = process.env['KATAVM_BENCH_CONFIG'] ?? 'debian13';

await runBench(async (bench) => {
  const chosen = chosenRows(process.argv);
  const rivals = rivalsOf(process.argv);
  const rounds = chosenRounds(process.argv);
  const parent = process.env['KATAVM_BENCH_DIR'] ?? '/var/tmp';
  const uri = defaultUri();
  const undo = new UndoStack((event) => event.type === 'notice' && bench.say(event.message));
  try {
    const { measured } = bench;
    if ((['original', 'bare', 'cold', 'pooled', 'template', 'at-once'] as const).some((row) => chosen.has(row))) {
      bench.say(`preparing ${config}`);
      const parts = await takeParts(config, {}, uri, undo, bench.signal);
      const ground = { bench, parts, env: {}, parent, uri, undo, rivals, rounds };
      measured.push(...(await compareWays(ground, chosen)));
      if (chosen.has('at-once')) measured.push(...(await compareAtOnce(ground)));
    }
    if (chosen.has('delete') || chosen.has('footprint')) await measureGrowth(bench, chosen, parent, undo, config);
    if (chosen.has('own-time')) measured.push(...(await measureOwnTime(bench, config, {})));
    return measured;
  } finally {
    await endPools();
    await undo.unwind();
  }
});
