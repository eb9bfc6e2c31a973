const code = 'KATAVM_NODE_TOO_OLD';

/**
 * A program's first file: it looks at Node's version before Node reads files whose syntax, or whose imports, an older one does not know.
 * So it is written in words that Node 10 understands, and imports nothing by itself.
 * `floor`: of package.json's engines, such as ">=22.19".
 */
export function nodeGate(program, floor) {
  const [, version, major, minor] = /^>=((\d+)\.(\d+))$/.exec(floor);
  return `#!/usr/bin/env node
var found = process.versions.node.split('.');
if (found[0] > ${major} || (found[0] == ${major} && found[1] >= ${minor})) start();
else refuse();

function start() {
  process.once('beforeExit', stuck);
  import('${program}').then(function () {
    process.removeListener('beforeExit', stuck);
  });
}

// Node says so of its first file alone: that the top level waits for what never comes.
function stuck() {
  console.error('katavm: this is a bug in katavm, please report it: it waits for something that cannot come');
  process.exit(13);
}

function refuse() {
  var said = 'Node ${version} or later is needed, and this is ' + found.join('.') + ' (' + process.execPath + ')';
  console.error('error[${code}]: ' + said + ': install one from https://nodejs.org, and put it first in PATH');
  process.exitCode = 3;
}
`;
}
