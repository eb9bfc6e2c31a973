import { ExitCode, KatavmError, messageOf } from '@katavm/core';
import { type Dispatcher, EnvHttpProxyAgent, interceptors } from 'undici';

/** As curl: what answers after more hops than this is a loop, or as good as one. curl allows 50, browsers 20. */
const maxRedirections = 10;
/** No byte for this long: the connection is dead. curl and apt have 120 s (Acquire::http::Timeout, before apt 2). */
const silenceMilliseconds = 60_000;

export interface HttpResponse {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Dispatcher.ResponseData['body'];
}

/** GET requests through the proxies that http_proxy, https_proxy and no_proxy name, redirects followed. */
export interface HttpClient {
  get(url: string, headers: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<HttpResponse>;
  close(): Promise<void>;
}

/** @throws KATAVM_BASE_PROXY_INVALID */
export function openHttpClient(): HttpClient {
  const agent = proxyAgent();
  // A redirect to another host does not take the Authorization header along: undici's redirect handler removes it.
  const dispatcher = agent.compose(interceptors.redirect({ maxRedirections }));
  return {
    get: async (url, headers, signal) => {
      const { address, authorization } = splitCredentials(url);
      const response = await dispatcher.request({
        ...{ origin: address.origin, path: `${address.pathname}${address.search}`, method: 'GET' },
        // The bytes as they are stored: a digest is of these.
        headers: { 'accept-encoding': 'identity', 'user-agent': 'katavm', ...authorization, ...headers },
        ...(signal === undefined ? {} : { signal }),
      });
      return { status: response.statusCode, headers: flatten(response.headers), body: response.body };
    },
    close: () => agent.destroy(),
  };
}

function proxyAgent(): EnvHttpProxyAgent {
  try {
    return new EnvHttpProxyAgent({
      // Plain http goes through the proxy as such: most proxies refuse CONNECT to port 80.
      proxyTunnel: false,
      headersTimeout: silenceMilliseconds,
      bodyTimeout: silenceMilliseconds,
    });
  } catch (error) {
    throw new KatavmError({
      code: 'KATAVM_BASE_PROXY_INVALID',
      // The value itself may hold a password.
      message: `http_proxy or https_proxy is not the URL of a proxy: ${messageOf(error)}`,
      hint: 'write it as http://proxy.example.com:3128, or unset it',
      exitCode: ExitCode.usage,
    });
  }
}

function splitCredentials(url: string): { address: URL; authorization: Record<string, string> } {
  const address = new URL(url);
  if (address.username === '' && address.password === '') return { address, authorization: {} };
  const pair = `${decodeURIComponent(address.username)}:${decodeURIComponent(address.password)}`;
  return { address, authorization: { authorization: `Basic ${Buffer.from(pair).toString('base64')}` } };
}

function flatten(headers: Dispatcher.ResponseData['headers']): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value ?? '')]));
}
