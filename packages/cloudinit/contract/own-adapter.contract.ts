import { describe, expect, it } from 'vitest';
import { cloudInitContract } from '../src/contract/index.js';
import { adapter } from '../src/index.js';

cloudInitContract(adapter, { describe, it, expect });

// How a site's module wraps ours (docs/forking.md): the wrapped adapter keeps every promise.
describe('wrapped by a site', () => {
  const wrapped = {
    ...adapter,
    compose: (input: Parameters<typeof adapter.compose>[0]) =>
      adapter.compose({ ...input, site: { ...input.site, timezone: 'UTC' } }),
  };
  cloudInitContract(wrapped, { describe, it, expect });
});
