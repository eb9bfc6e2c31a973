/** Modules that do much when they are loaded, which is at each start of katavm, of which it needs little; and what they become. */
const replacements = {
  // It makes an Intl.Segmenter, 10 ms of ICU's data, for scripts in which no help is written. yargs measures its help by it: ours.
  '/string-width/index.js': () => 'export default (text) => [...text].length;',
  // It looks each signal up in a list of all of them, for each number that there is, to describe one that ended a process: 4 ms.
  '/human-signals/build/src/main.js': () =>
    'export const signalsByName = new Proxy({}, { get: (_, name) => ({ description: name }) });',
  // It opens stdin, stdout and stderr, in case execa is given one of them. It is given descriptors; and stdin may be another program's.
  '/execa/lib/utils/standard-stream.js': (code) => code.replace('[process.stdin, process.stdout, process.stderr]', '[]'),
  // Parts of ssh2 that katavm does not use; they load node:http, node:https and node:tls: 8 ms.
  '/ssh2/lib/http-agents.js': () => 'module.exports = {};',
  '/ssh2/lib/server.js': () => 'module.exports = {};',
  '/ssh2/lib/keygen.js': () => 'module.exports = {};',
  // As a module they have no __dirname, beside which the first looks for a program for Windows, and the other for nothing.
  '/ssh2/lib/agent.js': (code) => code.replaceAll('__dirname', '""'),
  '/ssh2/lib/protocol/crypto/poly1305.js': (code) => code.replaceAll('__dirname', '""'),
};

const replaced = new Set();

/** A plugin for rolldown. */
export const replacedModules = {
  name: 'replaced-modules',
  transform: (code, id) => {
    const place = Object.keys(replacements).find((end) => id.endsWith(end));
    const becomes = place && replacements[place](code);
    if (place && becomes !== code) replaced.add(place);
    return becomes;
  },
};

/**
 * @param modules The paths of what was bundled.
 * @throws where one of a package's modules is to be replaced and was not: a newer version may keep its code elsewhere.
 */
export function assertReplaced(modules) {
  const packageOf = (place) => place.slice(0, place.indexOf('/', 1) + 1);
  const missed = Object.keys(replacements).filter(
    (place) => !replaced.has(place) && modules.some((id) => id.includes(packageOf(place))),
  );
  if (missed.length > 0) throw new Error(`tools/build/replaced-modules.js: nothing was replaced of ${missed.join(', ')}`);
}
