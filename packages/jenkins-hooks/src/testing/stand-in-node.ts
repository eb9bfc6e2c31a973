/** A build on a node: it runs `work`, with the node's channel, and is over when that is. */
export interface Build {
  readonly url: string;
  readonly work: () => Promise<void>;
}

/** A node as Jenkins keeps it: one executor, one channel, one mark. */
export class StandInNode {
  temporarilyOffline = false;
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

  /** A channel's set-up clears the reason, and not the mark. */
  connect(): void {
    this.connected = true;
    this.offlineReason = '';
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

  state(mayReadJobs: boolean): object {
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
      offlineCauseReason: this.offlineReason,
      temporarilyOffline: this.temporarilyOffline,
    };
  }
}
