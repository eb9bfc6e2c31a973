import { z } from '@katavm/core/schema';

const digest = (algorithm: string, digits: number) =>
  z.string().regex(new RegExp(`^[0-9a-f]{${digits}}$`, 'i'), `must be a ${algorithm} digest: ${digits} hexadecimal digits`);

/** Written into the guest's sources.list, and no secret may reach a guest's disk. */
const mirror = z
  .url({ protocol: /^https?$/ })
  .refine((url) => !URL.canParse(url) || (new URL(url).username === '' && new URL(url).password === ''), {
    message: 'must hold no user name and password: it is written into every guest',
  });

/** A base made from distribution packages by mmdebstrap. */
const fromPackages = z.strictObject({
  packages: z.strictObject({
    distribution: z.enum(['debian', 'ubuntu']).default('debian'),
    suite: z.string().regex(/^[a-z][a-z0-9.-]*$/, 'must be a suite name such as bookworm or noble'),
    mirror: mirror
      .optional()
      .describe(
        "The only archive used, and only its SUITE. Default: the mirrors that this host's own apt sources name, with updates and security",
      ),
    components: z
      .array(z.string().regex(/^[a-z][a-z-]*$/, 'must be a component such as main or universe'))
      .nonempty()
      .optional()
      .describe('Default: main; for ubuntu main and universe'),
    include: z
      .array(z.string().regex(/^[a-z0-9][a-z0-9.+-]+$/, 'must be a package name'))
      .default([])
      .describe('Packages besides those that every guest needs to boot'),
    keyring: z
      .string()
      .regex(/^\/[^\s[\]]+$/, 'must be an absolute path without spaces')
      .optional()
      .describe("A keyring file that signs the mirror; default: that of the host's apt source, or the distribution's own"),
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
  kernel: z.string().min(1).optional(),
  initrd: z.string().min(1).optional(),
  commandLine: z.string().optional().describe('Kernel command line; default: root=/dev/vda rw console=ttyS0'),
});

export const baseSchema = z
  .union([fromPackages, fromUrl, fromPath])
  .refine((base) => !('url' in base) || [base.sha256, base.sha512, base.checksums].filter(Boolean).length === 1, {
    message: 'give exactly one of sha256, sha512 and checksums with url: an image that cannot be verified is not used',
  })
  .refine((base) => !('path' in base) || base.kernel !== undefined || (base.initrd ?? base.commandLine) === undefined, {
    message: 'initrd and commandLine need kernel: without it the disk boots by its own boot loader',
  });

export type BaseSource = z.infer<typeof baseSchema>;
export type PackagesSource = z.infer<typeof fromPackages>['packages'];
export type UrlSource = z.infer<typeof fromUrl>;
export type PathSource = z.infer<typeof fromPath>;
