import { resolve } from 'node:path';
import type { Environment } from './katavm.js';
import { optionsOf, usage } from './rows.js';

/** Another master, perhaps of another home and by another katavm, whose cold launches take turns with those of the config. */
export interface Rival {
  readonly label: string;
  readonly config: string;
  readonly env: Environment;
  /** Default: this checkout's. */
  readonly program: string | undefined;
}

/** Each `--against CONFIG[,HOME[,CHECKOUT]]`. */
export function rivalsOf(argv: readonly string[]): readonly Rival[] {
  return optionsOf(argv, '--against').map((label) => {
    const [config = '', home, checkout, ...rest] = label.split(',');
    if (config === '' || rest.length > 0) {
      throw usage(`--against: "${label}" names no master`, 'give CONFIG, CONFIG,HOME or CONFIG,HOME,CHECKOUT');
    }
    const program = checkout && resolve(checkout, 'tools/katavm');
    return { label, config, env: home ? { KATAVM_HOME: resolve(home) } : {}, program };
  });
}
