import { exec, hasCode } from '@katavm/core';

/**
 * The proxies that the host's apt is configured with, as environment variables: mmdebstrap's apt does not read the host's
 * configuration, and a site may reach its mirror in no other way. Variables that are set already win, as they do for apt.
 */
export async function aptProxyEnvironment(signal?: AbortSignal): Promise<Record<string, string>> {
  const question = ['shell', 'http_proxy', 'Acquire::http::Proxy', 'https_proxy', 'Acquire::https::Proxy'];
  const { stdout } = await exec('apt-config', question, { signal }).catch((error) => {
    if (hasCode(error, 'KATAVM_COMMAND_MISSING') || hasCode(error, 'KATAVM_COMMAND_FAILED')) return { stdout: '' };
    throw error;
  });
  const answers = [...stdout.matchAll(/^(https?_proxy)='(.*)'$/gm)].map(([, name = '', value = '']) => [name, value] as const);
  return Object.fromEntries(answers.filter(([name, value]) => value !== 'DIRECT' && process.env[name] === undefined));
}
