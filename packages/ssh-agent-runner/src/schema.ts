import { z } from '@katavm/core/schema';

// A NUL ends an argument: nothing that becomes part of a command line can hold one.
const text = z.string().regex(/^[^\0]+$/, 'must not be empty');

/** The part of katavm.yaml that says how the CI agent runs in a clone. */
export const agentSchema = z.strictObject({
  jar: text.optional().describe("The agent's jar on this host; ~ is the home directory"),
  directory: text
    .regex(/^\//, 'must be an absolute path in the guest')
    .default('/var/lib/jenkins')
    .describe('Where the jar is put and the agent works, in the guest'),
  java: text.default('java').describe('The Java program in the guest'),
  javaAtLeast: z
    .int()
    .min(1)
    .max(99)
    .optional()
    .describe('What the controller needs: 21 for Jenkins of 2026. A master whose Java is older is refused at its build'),
  javaOptions: z.array(text).default([]).describe('Given to java before -jar'),
});

export type AgentConfig = z.infer<typeof agentSchema>;
