import { systemErrorCode } from '@katavm/core';
import { runProgram } from './program.js';
import { errorJson, errorText, exitCodeOf, outputNotWritten } from './render/error.js';
import { jsonText } from './render/output.js';
import { asksForJson, isPassThrough } from './runtime/pass-through.js';

/** The program from its words to its exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  const passThrough = isPassThrough(argv);
  const tell = (error: unknown) => {
    process.exitCode = exitCodeOf(error, passThrough);
    process.stderr.write(errorText(error));
  };
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
}
