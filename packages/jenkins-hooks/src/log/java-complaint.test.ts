import { expect, test } from 'vitest';
import { JavaComplaint } from './java-complaint.js';

// As OpenJDK 17.0.15 prints it.
const words =
  'Error: LinkageError occurred while loading main class Echo\n' +
  '\tjava.lang.UnsupportedClassVersionError: Echo has been compiled by a more recent version of the Java Runtime (class file version 65.0), ' +
  'this version of the Java Runtime only recognizes class file versions up to 61.0\n';
const told = {
  code: 'KATAVM_AGENT_JAVA_OLD',
  message: expect.stringMatching(/class Echo.* needs Java 21, and "java" in the guest is Java 17$/),
  hint: expect.stringContaining('katavm master build debian12'),
};

test.each([1, 7, 4096])("a JVM's complaint is understood, whatever pieces of %i bytes it comes in", (size) => {
  const complaint = new JavaComplaint();
  const all = Buffer.from(`remoting says much\n${words}more\n`);
  for (let at = 0; at < all.length; at += size) complaint.see(all.subarray(at, at + size));
  expect(complaint.explain('java', 'debian12')).toMatchObject(told);
});

test('also where no line end follows, and never where there is none', () => {
  const cut = new JavaComplaint();
  cut.see(Buffer.from(words.trimEnd()));
  expect(cut.explain('java', 'debian12')).toMatchObject(told);
  const quiet = new JavaComplaint();
  quiet.see(Buffer.from('x'.repeat(100_000)));
  expect(quiet.explain('java', 'debian12')).toBeUndefined();
});
