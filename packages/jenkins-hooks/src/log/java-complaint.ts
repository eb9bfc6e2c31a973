import { type JavaNeed, javaTooOld } from '@katavm/lifecycle';

/** A line of a stack trace is shorter. */
const longestLine = 2000;
const classZero = 44;
const complaint = /UnsupportedClassVersionError:? (\S+) has been compiled .*class file version (\d+)\.\d+\).* up to (\d+)\.\d+/;

/** Looks for a JVM's words in what an agent prints on stderr: that it is too old for the classes that it was given. */
export class JavaComplaint {
  #line = '';
  #found: { readonly name: string; readonly needs: number; readonly has: number } | undefined;

  see(chunk: Buffer): void {
    if (this.#found) return;
    const lines = (this.#line + chunk.toString('latin1')).split('\n');
    this.#line = (lines.pop() ?? '').slice(-longestLine);
    for (const line of lines) this.#look(line);
  }

  /** The explanation, where there was such a complaint. */
  explain(program: string, config: string): Error | undefined {
    this.#look(this.#line);
    if (!this.#found) return undefined;
    const { name, needs, has } = this.#found;
    const need: JavaNeed = { major: needs - classZero, of: `the class ${name.replaceAll('/', '.')}, which the agent was given,` };
    return javaTooOld({ program, version: String(has - classZero), need, master: undefined, config });
  }

  #look(line: string): void {
    const [, name, needs, has] = complaint.exec(line) ?? [];
    if (name !== undefined) this.#found = { name, needs: Number(needs), has: Number(has) };
  }
}
