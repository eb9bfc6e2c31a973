import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StandInJenkins, type StandInNode, token, user } from '@katavm/jenkins-hooks/testing';
import { expect, onTestFinished, test } from 'vitest';
import { traces } from '../harness/traces.js';
import { type RunningHook, siteOver, startHook, temporaryFolder } from './hook.js';
import { agentLayer, agentScript, Controller } from './stand-in.js';

/** What a build met: the clone that answered it, and whether the node was marked offline when the first answer came through. */
interface Seen {
  readonly clone: string | undefined;
  readonly closed: boolean;
}

/** A node whose launcher is the real hook; it takes builds as Jenkins' queue gives them, whenever anything changes. */
class GatedNode {
  readonly hooks: RunningHook[] = [];
  readonly seen: Seen[] = [];
  #controller: Controller | undefined;
  #waiting = 0;
  #allDone = () => {};

  constructor(
    private readonly node: StandInNode,
    private readonly env: Readonly<Record<string, string>>,
  ) {
    node.onLaunch = () => void this.#launch();
  }

  /** Until as many builds are done. */
  run(builds: number): Promise<void> {
    this.#waiting = builds;
    this.node.launch();
    return new Promise((resolve) => {
      this.#allDone = resolve;
    });
  }

  async #launch(): Promise<void> {
    const hook = startHook(['minimal'], this.env);
    this.hooks.push(hook);
    hook.stdout.once('end', () => this.node.disconnect('java.io.EOFException'));
    this.#controller = new Controller(hook);
    if (this.#waiting === 0) return; // the launch after the last build: that it was asked for is all
    await this.#controller.open();
    this.node.connect();
    this.#offer();
  }

  #offer(): void {
    if (!this.node.acceptsBuilds || this.#waiting === 0) return;
    const url = `http://jenkins/job/measure/${this.seen.length + 1}/`;
    void this.node.run({ url, work: () => this.#build() }).then(() => this.#offer());
  }

  async #build(): Promise<void> {
    const payload = randomBytes(1000);
    for (let step = 0; step < 50; step++) {
      const answer = await this.#controller?.roundTrip(payload);
      if (!answer?.equals(payload)) throw new Error('the answer is another');
      if (step === 0) this.seen.push({ clone: cloneOf(this.hooks.at(-1)), closed: this.node.temporarilyOffline });
    }
    this.#waiting--;
    if (this.#waiting === 0) this.#allDone();
  }
}

function cloneOf(hook: RunningHook | undefined): string | undefined {
  return /the agent runs in (\S+)/.exec(hook?.log() ?? '')?.[1];
}

test('with the gate, each build gets a clone of its own, though Jenkins has the next one ready when a build ends', async () => {
  const jenkins = new StandInJenkins();
  await jenkins.start();
  onTestFinished(() => jenkins.stop());
  // Long enough that bytes which are not held would come first.
  jenkins.fault = (call) => (call.endsWith('/changeOfflineCause') ? 'slow' : undefined);
  const node = jenkins.addNode('gated');
  const jar = join(await temporaryFolder(), 'agent.jar');
  await writeFile(jar, agentScript);
  const gated = new GatedNode(node, {
    ...{ KATAVM_SITE: await siteOver({ agent: { ...agentLayer, jar } }), NODE_NAME: 'gated' },
    ...{ KATAVM_JENKINS_URL: jenkins.url, KATAVM_JENKINS_USER: user, KATAVM_JENKINS_TOKEN: token },
    KATAVM_JENKINS_SINGLE_USE: 'gate',
  });
  await gated.run(2);
  expect(gated.seen.map(({ closed }) => closed)).toEqual([true, true]);
  expect(new Set(gated.seen.map(({ clone }) => clone)).size).toBe(2);

  for (const hook of gated.hooks.slice(0, 2)) {
    expect((await hook.ended).exitCode, hook.log()).toBe(0);
    expect(hook.log()).toContain('the build has ended');
  }
  // Asked for by the hooks: the stand-in launches nothing by itself.
  expect(node.launches).toBe(3);
  expect(node.temporarilyOffline).toBe(false);
  const [, , third] = gated.hooks;
  third?.stdin.end();
  await third?.ended;
  expect(await traces('minimal')).toEqual([]);
});
