import { describe, expect, it } from 'vitest';
import { cloudInitSchema, siteCloudConfigSchema } from './schema.js';

describe("katavm.yaml's cloudInit", () => {
  it('waits 30 minutes unless told otherwise', () => {
    expect(cloudInitSchema.parse({})).toEqual({ timeout: '30m' });
    expect(cloudInitSchema.safeParse({ timeout: '30' }).success).toBe(false);
    expect(cloudInitSchema.safeParse({ timeot: '30m' }).success).toBe(false);
  });
});

describe("a site's cloud-config", () => {
  it('may add a CA and a mirror, but nothing that katavm owns', () => {
    expect(
      siteCloudConfigSchema.safeParse({
        ca_certs: { trusted: ['PEM'] },
        apt: { primary: [{ arches: ['default'], uri: 'http://mirror.example.com' }] },
      }).success,
    ).toBe(true);
    expect(siteCloudConfigSchema.safeParse({ ssh_authorized_keys: ['k'] }).error?.issues[0]).toMatchObject({
      path: ['ssh_authorized_keys'],
      message: expect.stringContaining('identity disk'),
    });
  });
});
