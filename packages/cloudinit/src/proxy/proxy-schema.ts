import { z } from '@katavm/core/schema';

/**
 * A proxy's URL goes unquoted into shells, systemd units and ini files: nothing that any of them takes apart may be in it. What a
 * password holds beyond that is percent-encoded, as in every URL.
 */
const proxyUrl = (protocols: readonly string[], portNeeded: boolean) =>
  z.string().superRefine((url, context) => {
    const problem = proxyUrlProblem(url, protocols, portNeeded);
    if (problem) context.addIssue({ code: 'custom', message: problem, input: undefined });
  });

function proxyUrlProblem(url: string, protocols: readonly string[], portNeeded: boolean): string | undefined {
  const scheme = /^([a-z][a-z0-9]*):\/\//.exec(url)?.[1];
  if (!scheme || !protocols.includes(scheme)) return `must begin with ${protocols.map((name) => `${name}://`).join(' or ')}`;
  if (!/^[\w.~:/@%!*+,=()[\]-]+$/.test(url))
    return 'holds a character that must be percent-encoded (a blank or one of "\'#$&;<>?\\^`{|})';
  const parsed = URL.canParse(url) ? new URL(url.replace(scheme, 'http')) : undefined;
  if (!parsed || parsed.hostname === '') return 'must be a URL such as http://proxy.example.com:3128';
  if (url.split('@').length > 2) return 'holds a second "@": percent-encode the one in the password as %40';
  if (portNeeded && !/:\d+\/?$/.test(url)) return 'must name the port: socks5://proxy.example.com:1080';
  return /^\/?$/.test(parsed.pathname) ? undefined : 'must end after the host and the port';
}

/** The `proxy` part of katavm.yaml: proxies of the guest, while it is built and afterwards. */
export const proxySchema = z.strictObject({
  http: proxyUrl(['http', 'https'], false).optional().describe('For http:// URLs'),
  https: proxyUrl(['http', 'https'], false).optional().describe('For https:// URLs; the proxy itself is most often http://'),
  noProxy: z
    .array(z.string().regex(/^[\w.*:/[\]-]+$/, 'must be one host, domain, address or network'))
    .optional()
    .describe('Reached directly, besides localhost, 127.0.0.1 and ::1'),
  git: proxyUrl(['socks4', 'socks4a', 'socks5', 'http'], true).optional().describe('For git:// URLs: SOCKS or HTTP CONNECT'),
});
