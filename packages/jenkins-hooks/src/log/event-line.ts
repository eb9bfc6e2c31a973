import { formatDuration, type KatavmEvent } from '@katavm/core';

/** Waits shorter than this are not worth a line in the node's log. */
const shownWaitMilliseconds = 2000;

/** An event as a line of the node's log; `undefined` where it is worth a line of the launch's own log only. */
export function shortLine(event: KatavmEvent): string | undefined {
  // The agent's run is told by the launch itself, in words that say what it is.
  if (event.type === 'step') return event.step === 'command' ? undefined : longLine(event);
  if (event.type === 'notice') return longLine(event);
  if (event.type === 'wait' && event.state === 'ready' && event.milliseconds >= shownWaitMilliseconds) return longLine(event);
  return undefined;
}

/** An event as a line of the launch's own log. */
export function longLine(event: KatavmEvent): string {
  switch (event.type) {
    case 'step': {
      const what = event.subject === undefined ? event.step : `${event.step} ${event.subject}`;
      if (event.state === 'started') return `${what} …`;
      return `${what}: ${event.state}${event.milliseconds === undefined ? '' : ` (${formatDuration(event.milliseconds)})`}`;
    }
    case 'notice':
      return event.level === 'warning' ? `warning: ${event.message}` : event.message;
    case 'wait':
      return event.state === 'waiting'
        ? `waits for ${event.requirement}`
        : `waited ${formatDuration(event.milliseconds)} for ${event.requirement}`;
    case 'timing':
      return `${event.part} took ${formatDuration(event.milliseconds)}`;
    case 'output':
      return `${event.source}: ${event.line}`;
    case 'progress':
      return `${event.what}: ${event.done}${event.total === undefined ? '' : ` of ${event.total}`} ${event.unit}`;
  }
}
