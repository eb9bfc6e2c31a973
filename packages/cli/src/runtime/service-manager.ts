import { exec } from '@katavm/core';

/**
 * Tells systemd how a service fares (sd_notify(3)), where it runs under it. Node cannot send datagrams over Unix sockets;
 * systemd-notify can, and returns when systemd has taken the message.
 */
export class ServiceManager {
  readonly #isThere: boolean;
  readonly #watchdogMilliseconds: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(env: NodeJS.ProcessEnv) {
    this.#isThere = Boolean(env['NOTIFY_SOCKET']);
    const forUs = !env['WATCHDOG_PID'] || env['WATCHDOG_PID'] === String(process.pid);
    this.#watchdogMilliseconds = forUs ? Number(env['WATCHDOG_USEC'] ?? 0) / 1000 : 0;
  }

  /** It serves. From now on the watchdog hears that it lives, at half of its patience (sd_watchdog_enabled(3)). */
  async ready(status: string): Promise<void> {
    await this.#tell('READY=1', `STATUS=${status}`);
    if (this.#watchdogMilliseconds === 0) return;
    const live = () => void this.#tell('WATCHDOG=1').catch(() => {}); // the next one may get through, or systemd acts
    this.#timer = setInterval(live, this.#watchdogMilliseconds / 2);
  }

  async stopping(): Promise<void> {
    clearInterval(this.#timer);
    await this.#tell('STOPPING=1');
  }

  async #tell(...assignments: string[]): Promise<void> {
    if (this.#isThere) await exec('systemd-notify', assignments);
  }
}
