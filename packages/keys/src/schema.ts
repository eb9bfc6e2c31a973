import { z } from '@katavm/core/schema';

/** The part of katavm.yaml that says which key pair opens a config's guests. A pair of its own per config: give it a name. */
export const keysSchema = z.strictObject({
  name: z
    .string()
    // It becomes a file's name under keys/, and NAME.pub must not be another pair's private key.
    .regex(
      /^(?!.*\.pub$)[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/,
      'must be a file name of letters, digits, ".", "_" and "-", not ending in ".pub"',
    )
    .default('katavm')
    .describe("The key pair's file name in the state directory's keys folder"),
  type: z
    .enum(['ed25519', 'ecdsa', 'rsa'])
    .default('ed25519')
    .describe('ecdsa saves an emulated guest 20 ms a login; rsa makes 4096 bits, for guests older than OpenSSH 6.5'),
});

export type KeysConfig = z.infer<typeof keysSchema>;
