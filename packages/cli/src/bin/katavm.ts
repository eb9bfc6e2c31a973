import { systemErrorCode } from '@katavm/core';
import { runProgram } from '../program.js';
import { errorJson, errorText, exitCodeOf, outputNotWritten } from '../render/error.js';
import { jsonText } from '../render/output.js';
import { asksForJson, isPassThrough } from '../runtime/pass-through.js';

// A site's umask is for the files that people make: what QEMU's own user must reach has its mode by design, and so has every secret.
process.umask(0o022);

const argv = process.argv.slice(2);
const passThrough = isPassThrough(argv);

process.stdout.on('error', (error) => {
  // A guest's stdout is watched by what passes it through. EPIPE: whoever read our answer has seen enough of it.
  if (!passThrough && systemErrorCode(error) !== 'EPIPE') tell(outputNotWritten(error));
});

try {
  await runProgram(argv);
} catch (error) {
  // A guest's stdout is its own: there, the JSON of a failure stays away.
  if (asksForJson(argv) && !passThrough) process.stdout.write(`${jsonText({ error: errorJson(error) })}\n`);
  tell(error);
}
// A stdin that nobody reads any more, such as a terminal or a pipe that stays open, must not keep the process.
process.stdin.unref?.();
process.stdin.destroy();

function tell(error: unknown): void {
  process.exitCode = exitCodeOf(error, passThrough);
  process.stderr.write(errorText(error));
}
