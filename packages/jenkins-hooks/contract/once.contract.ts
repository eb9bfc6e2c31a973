import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exec } from '@katavm/core';
import { beforeAll, describe, expect, test } from 'vitest';

const script = join(import.meta.dirname, '../groovy/katavm-once.groovy');
const folder = join(import.meta.dirname, 'groovy');

type Answer = Readonly<Record<string, unknown>>;
const answers = new Map<unknown, Answer>();

/** Debian's groovy is 2.4.21, which is also the one in Jenkins' core. Other distributions have none: nothing to run it with there. */
const groovy = '/usr/share/groovy/lib';

function java(classPath: readonly string[], ...args: readonly string[]) {
  return exec('java', ['-XX:TieredStopAtLevel=1', '-cp', classPath.join(':'), ...args], { timeoutMilliseconds: 110_000 });
}

/** The script as Jenkins runs it, with a Jenkins core that is made of the types that it uses. */
beforeAll(async () => {
  if (!existsSync(groovy)) return;
  const classes = await mkdtemp(join(tmpdir(), 'katavm-once-'));
  try {
    const sources = (await readdir(join(folder, 'core'), { recursive: true })).filter((file) => file.endsWith('.groovy'));
    const paths = sources.map((file) => join(folder, 'core', file));
    await java([`${groovy}/*`], 'org.codehaus.groovy.tools.FileSystemCompiler', '-d', classes, ...paths);
    const scenarios = join(folder, 'scenarios.groovy');
    const { stdout } = await java([`${groovy}/*`, classes], 'groovy.ui.GroovyMain', scenarios, script);
    for (const line of stdout.split('\n')) {
      const { scenario, ...found } = JSON.parse(line) as Answer;
      answers.set(scenario, found);
    }
  } finally {
    await rm(classes, { recursive: true, force: true });
  }
});

describe.skipIf(!existsSync(groovy))('katavm-once.groovy, run', () => {
  test('without the script, builds share a clone: the controller that stands in is able to', () => {
    expect(answers.get('without the script')).toEqual({ builds: 10, places: 1, accepting: [true] });
  });

  test.each([
    ['one node', 30],
    ['over SSH', 10],
    ['builds race for three nodes', 60],
  ])('%s: each of %i builds runs on a clone of its own, which accepts no other before it runs', (scenario, count) => {
    expect(answers.get(scenario)).toEqual({ builds: count, places: count, accepting: [false] });
  });

  test('a build that ends with problems has had its clone too', () => {
    expect(answers.get('builds with problems')).toEqual({
      ...{ builds: 5, places: 5, accepting: [false], disconnects: true },
      reason: 'katavm: this clone has had its build',
    });
  });

  test('the nodes of others keep their agents, and accept as before', () => {
    expect(answers.get('nodes of others')).toEqual({ clones: 1, disconnects: 0, accepting: [true] });
  });

  test('run again, the script takes the place of what it did before', () => {
    expect(answers.get('the script run twice')).toEqual({
      ...{ builds: 5, places: 5, accepting: [false], listeners: 2, disconnects: true },
    });
  });

  test('on a controller that runs already, an idle clone is let go, and what builds is the only build of its clone', () => {
    expect(answers.get('a controller that runs already')).toEqual({
      ...{ idleReplaced: true, busyCloses: true, busyClone: 1, othersDisconnects: 0 },
    });
    expect(answers.get('a build that ran before the script')).toEqual({ replaced: true });
  });

  test('a node that somebody takes out of service during its build is not launched again', () => {
    expect(answers.get('taken out of service meanwhile')).toEqual({
      ...{ disconnects: true, clones: 1, accepting: false },
      refusal: expect.stringContaining('marked offline'),
    });
  });

  test('after a build no clone boots while no other waits; when one comes, Jenkins launches the node for it', () => {
    expect(answers.get('nobody waits')).toEqual({ ended: true, clones: 1, later: true, accepting: false });
  });

  test('a clone that cannot be let go stays closed to builds, and that is told', () => {
    expect(answers.get('a clone that cannot be let go')).toEqual({ warned: true, accepting: false });
  });

  test('a node with two executors is warned of', () => {
    expect(answers.get('two executors')).toEqual({ warned: true });
  });
});
