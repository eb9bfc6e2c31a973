import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Frame } from './frame.js';

const words = ['domstate', '--domain', 'a'];
const next = 'kb2-begin.next';

/** As an interactive virsh prints it: prompt, echo of its input, no line end after `echo`. */
function transcript(output: string, failure = ''): { stdout: string; stderr: string } {
  const [first = '', last = ''] = new Frame(words, 'ka1').request.split('\n');
  return {
    stdout: `virsh # ${first}\nka1-begin.${output}ka1-end.virsh # ${last}\nka1-done.${next}`,
    stderr: `${failure}error: ka1-done.\n`,
  };
}

describe('the answer of an interactive virsh', () => {
  it('is the output of the command alone, whatever stands in it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (output) => {
        const { stdout, stderr } = transcript(output);
        const cut = new Frame(words, 'ka1').cut(stdout, stderr);
        expect(cut).toEqual({ answer: { output, failure: undefined }, stdout: next, stderr: '\n' });
      }),
    );
  });

  it('has not come before both streams have ended it', () => {
    const { stdout, stderr } = transcript('running\n\n');
    const frame = new Frame(words, 'ka1');
    expect(frame.cut(stdout, '')).toBeUndefined();
    expect(frame.cut(stdout.slice(0, stdout.indexOf('ka1-done.')), stderr)).toBeUndefined();
  });

  it('is a failure when virsh says so, and not when libvirt logs a warning', () => {
    const warning = '2026-01-01 10:00:00.123+0000: 4590: warning : something is odd\n';
    const answerTo = (failure: string) => {
      const { stdout, stderr } = transcript('', failure);
      return new Frame(words, 'ka1').cut(stdout, stderr)?.answer.failure;
    };
    expect(answerTo(warning)).toBeUndefined();
    expect(answerTo(`${warning}error: Failed to start domain 'a'\nerror: internal error\n\n`)).toBe(
      "Failed to start domain 'a'\ninternal error",
    );
  });

  it('is a failure when virsh cannot parse the line, so that nothing of it ran', () => {
    const stdout = "virsh # echo k'a1-begin.'; nonsense\nvirsh # \nka1-done.";
    const { answer } = new Frame(words, 'ka1').cut(stdout, "error: unknown command: 'nonsense'\nerror: ka1-done.\n") ?? {};
    expect(answer).toEqual({ output: '', failure: "unknown command: 'nonsense'" });
  });
});
