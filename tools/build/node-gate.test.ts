import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { nodeGate } from './node-gate.js';

/** What a program does under this Node. `import()` stands in no script: it is a function here. */
function started(version: string) {
  const said: string[] = [];
  const asked: string[] = [];
  const process = { versions: { node: version }, execPath: '/usr/bin/node', exitCode: 0, once() {}, removeListener() {} };
  const load = (path: string) => asked.push(path) && Promise.resolve();
  const script = nodeGate('../programs/katavm.js', '>=22.19').replace(/^#!.*/, '').replace('import(', 'load(');
  runInNewContext(script, { process, load, console: { error: (line: string) => said.push(line) } });
  return { said, asked, exitCode: process.exitCode };
}

test.each(['22.19.0', '22.23.5', '23.0.0', '24.1.0', '26.12.1', '100.0.0'])('a program starts under Node %s', (version) => {
  expect(started(version)).toEqual({ said: [], asked: ['../programs/katavm.js'], exitCode: 0 });
});

test.each(['0.12.18', '9.11.2', '12.22.9', '18.20.8', '20.19.2', '22.2.0', '22.18.0'])(
  'under Node %s a program says which is needed, which this is and where to get one, in one line, and loads nothing',
  (version) => {
    const line = `error[KATAVM_NODE_TOO_OLD]: Node 22.19 or later is needed, and this is ${version} (/usr/bin/node): install one from https://nodejs.org, and put it first in PATH`;
    expect(started(version)).toEqual({ said: [line], asked: [], exitCode: 3 });
  },
);
