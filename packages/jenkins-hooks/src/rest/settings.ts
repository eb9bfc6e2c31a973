import { access, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { ExitCode, KatavmError, messageOf } from '@katavm/core';
import { readYaml, validate } from '@katavm/core/document';
import { z } from '@katavm/core/schema';
import { readTokenFile } from './token-file.js';

/** Where Jenkins is, and as whom katavm asks it. */
export interface JenkinsConnection {
  /** Its root URL, with a slash at the end. */
  readonly url: URL;
  readonly user: string;
  /** The header's value, the token read anew. @throws KATAVM_JENKINS_TOKEN_UNREADABLE, KATAVM_JENKINS_TOKEN_EXPOSED */
  readonly authorization: () => Promise<string>;
}

export interface JenkinsSettings {
  /** `undefined` where this host is not told of a Jenkins. */
  readonly connection: JenkinsConnection | undefined;
  /** `gate`: the hook itself sees to one build per clone. `controller`: katavm-once.groovy does, or nobody. Default `controller`. */
  readonly singleUse: 'gate' | 'controller';
}

type Environment = Readonly<Record<string, string | undefined>>;

const schema = z.strictObject({
  url: z.string().optional(),
  user: z.string().optional(),
  tokenFile: z.string().optional(),
  singleUse: z.enum(['gate', 'controller']).optional(),
});
type Fields = z.infer<typeof schema>;

/**
 * Reads `$KATAVM_JENKINS_FILE`, else `$XDG_CONFIG_HOME/katavm/jenkins.yaml` (default `~/.config`), else /etc/katavm/jenkins.yaml;
 * over each value goes its variable: KATAVM_JENKINS_URL, _USER, _TOKEN_FILE or _TOKEN, _SINGLE_USE.
 *
 * @throws KATAVM_JENKINS_SETTINGS_INVALID, KATAVM_YAML_INVALID; exit code 2.
 */
export async function loadJenkinsSettings(env: Environment): Promise<JenkinsSettings> {
  const file = await settingsFile(env);
  const written = file === undefined ? {} : await readFields(file);
  const token = env['KATAVM_JENKINS_TOKEN'];
  const tokenFile = env['KATAVM_JENKINS_TOKEN_FILE'] ?? besides(file, written.tokenFile);
  const url = env['KATAVM_JENKINS_URL'] ?? written.url;
  const user = env['KATAVM_JENKINS_USER'] ?? written.user;
  const singleUse = toSingleUse(env['KATAVM_JENKINS_SINGLE_USE']) ?? written.singleUse ?? 'controller';
  if (url === undefined && user === undefined && !token && tokenFile === undefined && singleUse === 'controller')
    return { connection: undefined, singleUse };
  const missing = [...(url ? [] : ['url']), ...(user ? [] : ['user']), ...(token || tokenFile ? [] : ['tokenFile'])];
  if (!url || !user || missing.length > 0) throw invalid(`${missing.join(', ')} of Jenkins not set`);
  const read = token ? async () => token : () => readTokenFile(tokenFile ?? '');
  return { singleUse, connection: { url: toRootUrl(url), user, authorization: async () => basic(user, await read()) } };
}

/** @throws KATAVM_JENKINS_SETTINGS_INVALID where there is none. */
export async function requireJenkins(env: Environment): Promise<JenkinsConnection> {
  const { connection } = await loadJenkinsSettings(env);
  if (connection) return connection;
  throw invalid('this host is not told where Jenkins is');
}

function basic(user: string, token: string): string {
  return `Basic ${Buffer.from(`${user}:${token}`, 'utf8').toString('base64')}`;
}

async function settingsFile(env: Environment): Promise<string | undefined> {
  const given = env['KATAVM_JENKINS_FILE'];
  if (given !== undefined) return given === '' ? undefined : resolve(given);
  // The XDG base directory specification: a relative path there is invalid and must be ignored.
  const xdg = env['XDG_CONFIG_HOME'];
  const folder = xdg && isAbsolute(xdg) ? xdg : join(env['HOME'] || homedir(), '.config');
  for (const path of [join(folder, 'katavm', 'jenkins.yaml'), '/etc/katavm/jenkins.yaml']) {
    const found = await access(path).then(
      () => true,
      () => false,
    );
    if (found) return path;
  }
  return undefined;
}

async function readFields(file: string): Promise<Fields> {
  const text = await readFile(file, 'utf8').catch((error) => {
    throw invalid(`could not read ${file}: ${messageOf(error)}`);
  });
  const document = readYaml(text, { file });
  return validate({
    value: document.value ?? {},
    schema,
    subject: 'the Jenkins settings',
    place: (path) => `${file}:${document.lineOf(path)}`,
    code: 'KATAVM_JENKINS_SETTINGS_INVALID',
  });
}

function besides(file: string | undefined, path: string | undefined): string | undefined {
  return path === undefined || file === undefined ? path : resolve(dirname(file), path);
}

function toSingleUse(text: string | undefined): 'gate' | 'controller' | undefined {
  if (text === undefined || text === '' || text === 'gate' || text === 'controller') return text || undefined;
  throw invalid(`KATAVM_JENKINS_SINGLE_USE is ${JSON.stringify(text)}; it can be gate or controller`);
}

function toRootUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !['http:', 'https:'].includes(url.protocol)) throw invalid(`${JSON.stringify(text)} is no http(s) URL`);
  if (url.username || url.password) throw invalid("Jenkins' URL holds a user or password; they have their own settings");
  url.search = '';
  url.hash = '';
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return url;
}

function invalid(what: string): KatavmError {
  return new KatavmError({
    code: 'KATAVM_JENKINS_SETTINGS_INVALID',
    message: what,
    hint: 'write url, user and tokenFile to /etc/katavm/jenkins.yaml (docs/jenkins.md)',
    exitCode: ExitCode.usage,
  });
}
