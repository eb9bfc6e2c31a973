import { listConfigs } from '@katavm/config';
import { listCloneNames } from '@katavm/lifecycle';

type Fallback = (onCompleted?: (error: Error | null, completions: string[] | undefined) => void) => unknown;

/** Commands and options as yargs knows them, and the live names where a command takes one. */
export async function completeWords(
  _current: string,
  argv: { _: (string | number)[] },
  fallback: Fallback,
  done: (words: string[]) => void,
) {
  const words = argv._.map(String).slice(1);
  const [first, second] = words;
  if (first === 'clone' && (second === 'login' || second === 'delete')) return done(await listCloneNames(process.env));
  if (takesConfig(first, second))
    return done((await listConfigs({ cwd: process.cwd(), env: process.env })).map(({ name }) => name));
  fallback();
}

const configNouns: Readonly<Record<string, readonly string[]>> = {
  master: ['build', 'show', 'verify', 'use', 'delete'],
  clone: ['create'],
  agent: ['start'],
  config: ['show', 'validate', 'user-data'],
  jenkins: ['node-config', 'apply'],
};
const configVerbs = [
  'run',
  'doctor',
  'build-base-image',
  'complete-base-image',
  'clone-vm',
  'login-clone',
  'start-clone-agent',
  'delete-clone',
];

function takesConfig(first = '', second = ''): boolean {
  return configVerbs.includes(first) || (configNouns[first]?.includes(second) ?? false);
}
