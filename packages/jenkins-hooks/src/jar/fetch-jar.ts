import { isKatavmError, KatavmError, messageOf } from '@katavm/core';
import { type JavaNeed, jarNeed } from '@katavm/lifecycle';
import { type Dispatcher, EnvHttpProxyAgent, interceptors } from 'undici';
import { withoutCredentials } from './controller-jar.js';
import { needOfCached } from './controller-version.js';
import { type CachedJar, JarCache } from './jar-cache.js';

/** A controller that answers later than this is as good as away: the guest boots meanwhile, and Jenkins waits. */
const silenceMilliseconds = 20_000;

export interface FetchedJar {
  readonly path: string;
  /** The Java that it and its controller need, as far as they say. */
  readonly need?: JavaNeed | undefined;
  /** The controller's X-Jenkins, whatever it says. */
  readonly controller?: string | undefined;
  /** Set where the controller could not be asked, and an earlier jar serves. */
  readonly warning?: string | undefined;
}

/** Gets the jar of a URL, through the proxies that http_proxy, https_proxy and no_proxy name. @throws KATAVM_AGENT_JAR_UNAVAILABLE */
export async function fetchJar(url: string, folder: string): Promise<FetchedJar> {
  const cache = new JarCache(folder);
  const cached = await cache.find(url);
  try {
    return fetched(cache, await fetchNewer(url, cache, cached));
  } catch (error) {
    const failure = isKatavmError(error) ? error : unavailable(url, messageOf(error));
    if (!cached) throw failure;
    return { ...fetched(cache, cached), warning: `${failure.message}; the jar of an earlier launch is used` };
  }
}

function fetched(cache: JarCache, cached: CachedJar): FetchedJar {
  return { path: cache.pathOf(cached), need: needOfCached(cached), controller: cached.controller };
}

/** The cached one where it is still the controller's. */
async function fetchNewer(url: string, cache: JarCache, cached: CachedJar | undefined): Promise<CachedJar> {
  const agent = new EnvHttpProxyAgent({
    proxyTunnel: false,
    headersTimeout: silenceMilliseconds,
    bodyTimeout: silenceMilliseconds,
  });
  try {
    const dispatcher = agent.compose(interceptors.redirect({ maxRedirections: 10 }));
    const { origin, pathname, search } = new URL(url);
    const headers = { 'user-agent': 'katavm', 'accept-encoding': 'identity', ...conditions(cached) };
    const response = await dispatcher.request({ origin, path: `${pathname}${search}`, method: 'GET', headers });
    const version = versionOf(response.headers);
    if (response.statusCode === 304 && cached) return await stillThe(cached, version.controller, cache);
    if (response.statusCode !== 200) throw unavailable(url, `the controller answered ${response.statusCode}`);
    return await cache.store({ url, ...version }, response.body, {
      begin: (head) => assertJar(head, url),
      whole: (path) => compiledFor(path, url),
    });
  } finally {
    await agent.destroy();
  }
}

/** A newer controller may come with the same jar, and need a newer Java. */
async function stillThe(cached: CachedJar, controller: string | undefined, cache: JarCache): Promise<CachedJar> {
  if (controller === undefined || controller === cached.controller) return cached;
  const updated = { ...cached, controller };
  await cache.remember(updated);
  return updated;
}

async function compiledFor(path: string, url: string): Promise<number | undefined> {
  try {
    return (await jarNeed(path))?.major;
  } catch (error) {
    throw unavailable(url, `what it gives is not a whole jar (${messageOf(error)})`);
  }
}

function conditions(cached: CachedJar | undefined): Record<string, string> {
  return {
    ...(cached?.etag === undefined ? {} : { 'if-none-match': cached.etag }),
    ...(cached?.lastModified === undefined ? {} : { 'if-modified-since': cached.lastModified }),
  };
}

function versionOf(headers: Dispatcher.ResponseData['headers']): Pick<CachedJar, 'etag' | 'lastModified' | 'controller'> {
  const text = (value: string | string[] | undefined) => (typeof value === 'string' ? value : undefined);
  return { etag: text(headers['etag']), lastModified: text(headers['last-modified']), controller: text(headers['x-jenkins']) };
}

/** A jar is a ZIP file. A login page is not. */
function assertJar(head: Buffer, url: string): void {
  if (head.subarray(0, 4).equals(Buffer.from('PK\x03\x04', 'latin1'))) return;
  if (/^\s*<(!doctype|html|head)/i.test(head.subarray(0, 200).toString('latin1'))) throw pageInstead(url);
  throw unavailable(url, 'what it gives is not a jar');
}

function pageInstead(url: string): KatavmError {
  const { code, message } = unavailable(url, 'it gives a web page, most likely one to log in, and not a jar');
  const hint = 'Jenkins gives agent.jar to everybody: let what stands in front of it (a single sign-on, a proxy) pass /jnlpJars/';
  return new KatavmError({ code, message, hint });
}

function unavailable(url: string, why: string): KatavmError {
  return new KatavmError({
    code: 'KATAVM_AGENT_JAR_UNAVAILABLE',
    message: `could not fetch ${withoutCredentials(url)}: ${why}`,
    hint: 'check the Jenkins URL in the controller\'s "System" page and the proxy variables, or name a jar as agent.jar in the config',
  });
}
