import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ProxySettings } from '../adapter.js';
import { compose } from '../compose/compose.js';
import type { GuestFile } from './environment.js';
import { proxyConfig, proxyFiles } from './proxy-config.js';
import { proxySchema } from './proxy-schema.js';

const proxy: ProxySettings = {
  http: 'http://jenkins:p%40ss@proxy.example.com:3128',
  https: 'http://jenkins:p%40ss@proxy.example.com:3129',
  git: 'socks5://jenkins:p%40ss@proxy.example.com:1080',
  noProxy: ['.example.com', '10.0.0.0/8'],
};

function files(settings: ProxySettings): Map<string, GuestFile> {
  return new Map((proxyConfig(settings)['write_files'] as GuestFile[]).map((file) => [file.path, file]));
}

describe("a guest's proxies", () => {
  it('are for logins in both cases, never for the guest itself', () => {
    const { content, append } = files(proxy).get('/etc/environment') ?? {};
    expect(append).toBe(true);
    expect(content).toContain(`\nhttps_proxy="${proxy.https}"\nHTTPS_PROXY="${proxy.https}"\n`);
    expect(content).toContain('\nno_proxy="localhost,127.0.0.1,::1,.example.com,10.0.0.0/8"\nNO_PROXY=');
  });

  it('are for docker and containerd, readable by systemd alone, with its % escaped', () => {
    for (const service of ['docker', 'containerd']) {
      const file = files(proxy).get(`/etc/systemd/system/${service}.service.d/http-proxy.conf`);
      expect(file?.permissions).toBe('0600');
      expect(file?.content).toContain('Environment="HTTP_PROXY=http://jenkins:p%%40ss@proxy.example.com:3128"');
    }
  });

  it('are for apt and git; git:// needs socat, and only git:// does', () => {
    expect(proxyConfig(proxy)).toMatchObject({ apt: { http_proxy: proxy.http, https_proxy: proxy.https }, packages: ['socat'] });
    expect(files(proxy).get('/etc/gitconfig')?.content).toContain(
      '\tgitProxy = none for example.com\n\tgitProxy = /usr/local/bin/katavm-git-proxy\n',
    );
    expect(proxyConfig({ http: 'http://proxy.example.com:3128' })).not.toHaveProperty('packages');
    expect([...files({ git: 'socks4://proxy.example.com:1080' }).keys()]).toEqual([
      '/etc/gitconfig',
      '/usr/local/bin/katavm-git-proxy',
    ]);
  });

  it('change nothing where none is set', () => {
    expect(proxyConfig({})).toEqual({});
    expect(proxyConfig({ noProxy: ['example.com'] })).toEqual({});
  });

  it('stand only in files that sealing strips, in a form that it can strip', () => {
    for (const [path, { content }] of files(proxy)) {
      expect(proxyFiles).toContain(path);
      expect(content.replace(/(:\/\/)[^/@\s]*@/g, '$1')).not.toMatch(/jenkins|p%+40ss/);
    }
  });

  it('are refused where a shell, an ini file or systemd would take the URL apart, without telling the password', () => {
    const bad = [
      "http://a:s3cret'@proxy.example.com",
      'http://a:s3cret$(x)@proxy.example.com',
      'http://a:s3cret@b@proxy.example.com',
      'ftp://a:s3cret@proxy.example.com',
      'http://a:s3cret@proxy.example.com/x',
      'http://a:s3cret\n@proxy.example.com',
      'http://',
    ];
    for (const http of bad) {
      expect(proxySchema.safeParse({ http }).error?.issues, http).toHaveLength(1);
      expect(() =>
        compose({ own: undefined, user: 'u', hostname: 'h', instanceId: 'i', bootCommands: [], proxy: { http } }),
      ).toThrow(expect.objectContaining({ code: 'KATAVM_PROXY_INVALID', message: expect.not.stringContaining('s3cret') }));
    }
    expect(proxySchema.safeParse({ git: 'socks5://proxy.example.com' }).success).toBe(false);
    expect(proxySchema.safeParse({ noProxy: ['a,b'] }).success).toBe(false);
  });

  it('may have any password, percent-encoded', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (password) => {
        const encoded = encodeURIComponent(password).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`);
        expect(
          proxySchema.safeParse({
            http: `http://user:${encoded}@proxy.example.com:3128`,
            git: `socks5://user:${encoded}@[::1]:1080`,
          }).success,
        ).toBe(true);
      }),
    );
  });
});
