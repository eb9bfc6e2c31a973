#!/usr/bin/env node
import { runProgram } from '../program.js';
import { errorJson, errorText, exitCodeOf } from '../render/error.js';
import { jsonText } from '../render/output.js';

const argv = process.argv.slice(2);
const options = argv.slice(0, argv.indexOf('--') >>> 0);

try {
  await runProgram(argv);
} catch (error) {
  process.exitCode = exitCodeOf(error);
  // A guest's stdout is its own: there, the JSON of a failure goes where the text goes.
  const toStdout =
    options.includes('--json') &&
    !['run', 'agent', 'start-clone-agent'].includes(options.find((word) => !word.startsWith('-')) ?? '');
  if (toStdout) process.stdout.write(`${jsonText({ error: errorJson(error) })}\n`);
  process.stderr.write(errorText(error));
}
// A stdin that nobody reads any more, such as a terminal or a pipe that stays open, must not keep the process.
process.stdin.unref?.();
process.stdin.destroy();
