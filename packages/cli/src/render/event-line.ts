import { formatDuration, type KatavmEvent } from '@katavm/core';

/** Waits shorter than this are not worth a line. */
const shownWaitMilliseconds = 2000;

/** An event as one line of text, or `undefined` where it is not worth one. */
export function lineOf(event: KatavmEvent, verbose: boolean): string | undefined {
  switch (event.type) {
    case 'step':
      return stepLine(event);
    case 'notice':
      return `${event.level}: ${event.message}`;
    case 'output':
      return verbose || event.source === 'cloud-init' ? `${event.source}: ${event.line}` : undefined;
    case 'wait':
      return event.state === 'ready' && event.milliseconds >= shownWaitMilliseconds
        ? `waited ${formatDuration(event.milliseconds)} for ${event.requirement}`
        : undefined;
    case 'progress':
    case 'timing':
      return undefined;
  }
}

function stepLine(event: Extract<KatavmEvent, { type: 'step' }>): string {
  const what = event.subject === undefined ? event.step : `${event.step} ${event.subject}`;
  if (event.state === 'started') return `${what} …`;
  const took = event.milliseconds === undefined ? '' : ` (${formatDuration(event.milliseconds)})`;
  return `${what}: ${event.state}${took}`;
}

/** `120 of 400 MB` or `57 packages`. */
export function progressText(event: Extract<KatavmEvent, { type: 'progress' }>): string {
  const { done, total, unit } = event;
  const show = unit === 'bytes' ? (count: number) => (count / 1e6).toFixed(0) : String;
  const shownUnit = unit === 'bytes' ? 'MB' : unit;
  return total === undefined ? `${show(done)} ${shownUnit}` : `${show(done)} of ${show(total)} ${shownUnit}`;
}
