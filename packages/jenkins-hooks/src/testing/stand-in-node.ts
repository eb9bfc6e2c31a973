/** A build on a node: it runs `work`, with the node's channel, and is over when that is. */
export interface Build {
  readonly url: string;
  readonly work: () => Promise<void>;
}

/** A node as Jenkins keeps it: one executor, one channel, one mark. */
export class StandInNode {
  temporarilyOffline = false;
  /** As before 2.482: the mark that is on the disk, where a restart has hidden it. */
  #hiddenMark = false;
  offlineReason = '';
  connected = false;
  assigned: Build | undefined;
  running: Build | undefined;
  numExecutors = 1;
  launches = 0;
  config = '';
  /** What its launcher does. */
  onLaunch: () => void = () => {};
  /** What the end of its channel does to the other side. */
  onDisconnect: () => void = () => {};

  constructor(readonly name: string) {}

  get idle(): boolean {
    return this.assigned === undefined;
  }

  get acceptsBuilds(): boolean {
    return this.connected && !this.temporarilyOffline && this.idle;
  }

  launch(): void {
    if (this.connected) return;
    this.launches++;
    this.onLaunch();
  }

  /** A channel's set-up clears the reason, and not the mark; what a restart has hidden comes back with it. */
  connect(): void {
    this.connected = true;
    this.offlineReason = '';
    if (this.#hiddenMark) this.temporarilyOffline = true;
    this.#hiddenMark = false;
  }

  mark(reason: string): void {
    this.temporarilyOffline = true;
    this.offlineReason = reason;
    this.#hiddenMark = false;
  }

  /** By what is shown alone. */
  toggle(): void {
    this.temporarilyOffline = !this.temporarilyOffline;
    this.offlineReason = '';
    if (!this.temporarilyOffline) this.#hiddenMark = false;
  }

  /** A controller before 2.482 that restarts keeps a mark on the disk, and does not show it. */
  restartOld(): void {
    this.#hiddenMark = this.temporarilyOffline || this.#hiddenMark;
    this.temporarilyOffline = false;
    this.offlineReason = '';
    this.disconnect('');
  }

  /** A channel's end puts its own reason over whatever stood there. */
  disconnect(reason: string): void {
    if (!this.connected) return;
    this.connected = false;
    this.offlineReason = reason;
    this.onDisconnect();
  }

  /** Given to the executor, begun in a later turn, as in Executor.run; dropped where the node was marked in between. */
  run(build: Build): Promise<'done' | 'dropped'> {
    this.assigned = build;
    return new Promise((resolve) => {
      setImmediate(async () => {
        if (this.temporarilyOffline || !this.connected) {
          this.assigned = undefined;
          resolve('dropped');
          return;
        }
        this.running = build;
        await build.work().catch(() => {});
        this.running = undefined;
        this.assigned = undefined;
        resolve('done');
      });
    });
  }

  /** @param escaped as since 2.551 and LTS 2.555.1 */
  state(mayReadJobs: boolean, escaped = true): object {
    const executable = this.running && mayReadJobs ? { _class: 'hudson.model.FreeStyleBuild', url: this.running.url } : null;
    return {
      _class: 'hudson.slaves.SlaveComputer',
      displayName: this.name,
      assignedLabels: [{ name: this.name }, { name: 'metrics' }],
      executors: [{ currentExecutable: executable }],
      oneOffExecutors: [],
      numExecutors: this.numExecutors,
      absoluteRemotePath: this.connected ? '/var/lib/jenkins' : null,
      idle: this.idle,
      offline: this.temporarilyOffline || !this.connected,
      offlineCauseReason: escaped ? escapeHtml(this.offlineReason) : this.offlineReason,
      temporarilyOffline: this.temporarilyOffline,
    };
  }
}

/** As hudson.Util.xmlEscape and its like: what a browser would take for markup. */
function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#039;');
}
