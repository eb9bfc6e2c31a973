import { z } from 'zod';

const digest = (algorithm: string, digits: number) =>
  z.string().regex(new RegExp(`^[0-9a-f]{${digits}}$`, 'i'), `must be a ${algorithm} digest: ${digits} hexadecimal digits`);

/** A base made from distribution packages by mmdebstrap. */
const fromPackages = z.strictObject({
  packages: z.strictObject({
    distribution: z.enum(['debian', 'ubuntu']).default('debian'),
    suite: z.string().regex(/^[a-z][a-z0-9.-]*$/, 'must be a suite name such as bookworm or noble'),
    mirror: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe("Default: the mirror that this host's own apt sources name"),
    components: z
      .array(z.string().regex(/^[a-z][a-z-]*$/))
      .nonempty()
      .default(['main']),
    include: z.array(z.string().regex(/^[a-z0-9][a-z0-9.+-]+$/, 'must be a package name')).default([]),
    keyring: z.string().optional().describe('A keyring file for the mirror; default: what the host trusts'),
  }),
});

/** A cloud image by URL. Exactly one of sha256, sha512 and checksums says what it must be. */
const fromUrl = z.strictObject({
  url: z.url({ protocol: /^https?$/ }),
  sha256: digest('SHA-256', 64).optional(),
  sha512: digest('SHA-512', 128).optional(),
  checksums: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('URL of a SHA256SUMS, SHA512SUMS or CHECKSUM file that names the image'),
});

/** A disk that is on this host already. With `kernel`, it is booted directly. */
const fromPath = z.strictObject({
  path: z.string().min(1),
  sha256: digest('SHA-256', 64).optional(),
  kernel: z.string().optional(),
  initrd: z.string().optional(),
  commandLine: z.string().optional().describe('Kernel command line; default: root=/dev/vda rw console=ttyS0'),
});

export const baseSchema = z
  .union([fromPackages, fromUrl, fromPath])
  .refine((base) => !('url' in base) || [base.sha256, base.sha512, base.checksums].filter(Boolean).length === 1, {
    message: 'give exactly one of sha256, sha512 and checksums with url: an image that cannot be verified is not used',
  });

export type BaseSource = z.infer<typeof baseSchema>;
