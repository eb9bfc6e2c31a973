import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ExecOptions, type ExecResult, exec } from '@katavm/core';
import { Registry } from './registry.js';

const root = fileURLToPath(new URL('../../../../', import.meta.url));

/** Another folder on another machine: katavm is there only as what its packages' tarballs hold. */
export class Company {
  private constructor(
    readonly folder: string,
    readonly registry: Registry,
  ) {}

  /** With katavm's packages, as `pnpm pack` makes them of this checkout, in its registry. */
  static async found(): Promise<Company> {
    const company = new Company(await mkdtemp(join(tmpdir(), 'katavm-forking-')), await Registry.start());
    const tarballs = join(company.folder, 'tarballs');
    await exec(join(root, 'tools/pnpm'), ['-r', '--filter', './packages/*', 'pack', '--pack-destination', tarballs], {
      cwd: root,
    });
    for (const name of await readdir(tarballs)) await company.registry.publish(join(tarballs, name));
    return company;
  }

  /** An empty folder in which `@katavm` and `@acme` come from the company's registry. */
  async makeFolder(name: string): Promise<string> {
    const folder = join(this.folder, name);
    await mkdir(folder, { recursive: true });
    await this.useRegistry(folder);
    return folder;
  }

  useRegistry(folder: string): Promise<void> {
    const scopes = ['katavm', 'acme'].map((scope) => `@${scope}:registry=${this.registry.url}/\n`);
    return writeFile(join(folder, '.npmrc'), scopes.join(''));
  }

  /** With a cache of its own: in the usual one, what this registry has would outlive the test. */
  npm(folder: string, args: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
    const settings = { cache: join(this.folder, 'cache'), prefer_offline: 'true', ignore_scripts: 'true', audit: 'false' };
    const env = Object.fromEntries(Object.entries(settings).map(([key, value]) => [`npm_config_${key}`, value]));
    return exec('npm', args, { cwd: folder, env, ...options });
  }

  /** The same of pnpm: its store, and its cache of what registries say. */
  pnpm(folder: string, args: readonly string[]): Promise<ExecResult> {
    const env = { XDG_CACHE_HOME: join(this.folder, 'cache') };
    return exec(join(root, 'tools/pnpm'), [...args, `--store-dir=${join(this.folder, 'store')}`], { cwd: folder, env });
  }

  /** The katavm that is installed in a folder. */
  katavm(folder: string, args: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
    const env = {
      KATAVM_HOME: join(this.folder, 'state'),
      KATAVM_SITE: '',
      KATAVM_CONFIGS: join(root, 'configs'),
      ...options.env,
    };
    return exec(join(folder, 'node_modules/.bin/katavm'), args, { cwd: folder, ...options, env });
  }

  async close(): Promise<void> {
    await this.registry.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}
