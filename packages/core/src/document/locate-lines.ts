import { EVENT_ID, type Event, getScalarValue } from 'js-yaml';

export type Path = readonly (string | number)[];
export type LineOf = (path: Path) => number;

interface Container {
  readonly kind: 'mapping' | 'sequence';
  readonly path: Path;
  nextIndex: number;
  /** In a mapping: the key whose value comes next; `undefined` while a key is expected. */
  key: string | undefined;
}

/** Follows the parser's events and notes the line of every mapping key and sequence item. */
export function locateLines(events: readonly Event[], source: string): LineOf {
  const lines = new Map<string, number>([[keyOf([]), 1]]);
  const lineAt = lineCounter(source);
  const open: (Container | undefined)[] = [];

  for (const event of events) {
    if (event.type === EVENT_ID.POP) {
      open.pop();
      continue;
    }
    const parent = open.at(-1);
    const path = enter(parent, event, source);
    const start = startOf(event);
    if (path && start >= 0) {
      const known = lines.get(keyOf(path));
      lines.set(keyOf(path), known ?? lineAt(start));
    }
    if (event.type === EVENT_ID.MAPPING) open.push({ kind: 'mapping', path: path ?? [], nextIndex: 0, key: undefined });
    else if (event.type === EVENT_ID.SEQUENCE) open.push({ kind: 'sequence', path: path ?? [], nextIndex: 0, key: undefined });
    else if (event.type === EVENT_ID.DOCUMENT) open.push(undefined);
  }

  return (path) => {
    for (let length = path.length; length > 0; length--) {
      const line = lines.get(keyOf(path.slice(0, length)));
      if (line !== undefined) return line;
    }
    return 1;
  };
}

/** The path that a node has as its parent's next child. A mapping's key gets its value's path: that is the line to show. */
function enter(parent: Container | undefined, event: Event, source: string): Path | undefined {
  if (!parent) return [];
  if (parent.kind === 'sequence') return [...parent.path, parent.nextIndex++];
  if (parent.key === undefined) {
    parent.key = event.type === EVENT_ID.SCALAR ? getScalarValue(source, event) : '';
    return [...parent.path, parent.key];
  }
  const path = [...parent.path, parent.key];
  parent.key = undefined;
  return path;
}

function startOf(event: Event): number {
  if (event.type === EVENT_ID.SCALAR) return event.valueStart;
  if (event.type === EVENT_ID.MAPPING || event.type === EVENT_ID.SEQUENCE) return event.start;
  if (event.type === EVENT_ID.ALIAS) return event.anchorStart;
  return -1;
}

function keyOf(path: Path): string {
  return JSON.stringify(path.map(String));
}

/** Offsets come in rising order, so one pass over the text serves all. */
function lineCounter(source: string): (offset: number) => number {
  let line = 1;
  let at = 0;
  return (offset) => {
    for (; at < offset; at++) if (source.charCodeAt(at) === 10) line++;
    return line;
  };
}
