import { ExitCode, KatavmError, parseDuration } from '@katavm/core';

/** What a hook was asked to do. */
export interface HookArguments {
  /** A config's name or folder. */
  readonly config: string;
  /** What stands behind CONFIG. */
  readonly command: readonly string[];
  readonly options: Readonly<Partial<Record<HookOption, string>>>;
}

const known = ['node', 'boot-timeout'] as const;
export type HookOption = (typeof known)[number];

/**
 * `[--OPTION VALUE]… CONFIG [--] [COMMAND…]`. Options stand before CONFIG: what comes behind belongs to the guest.
 *
 * @returns `help` or `version` where that was asked for.
 * @throws KATAVM_USAGE
 */
export function parseArguments(argv: readonly string[], usage: string): HookArguments | 'help' | 'version' {
  const options: Partial<Record<HookOption, string>> = {};
  const rest = [...argv];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--help' || word === '-h') return 'help';
    if (word === '--version') return 'version';
    if (!word.startsWith('-')) return { config: word, command: rest[0] === '--' ? rest.slice(1) : rest, options };
    const [name = '', inline] = word.slice(2).split(/=(.*)/s);
    const option = known.find((each) => each === name);
    if (!option) throw wrong(`there is no option "${word}"`, usage);
    const value = inline ?? rest.shift();
    if (!value) throw wrong(`the option --${option} needs a value`, usage);
    options[option] = value;
  }
  throw wrong('no config is named', usage);
}

export function bootTimeoutOf({ options }: HookArguments): number | undefined {
  const written = options['boot-timeout'];
  return written === undefined ? undefined : parseDuration(written);
}

function wrong(what: string, usage: string): KatavmError {
  return new KatavmError({ code: 'KATAVM_USAGE', message: what, hint: usage, exitCode: ExitCode.usage });
}
