import { relative } from 'node:path';
import { afterAll, expect } from 'vitest';
import { closeHome, openHome } from './home.js';

// Each test file has a home of its own: two run at once, and each looks for the traces of its own clones.
const root = process.env['KATAVM_E2E_ROOT'] ?? '';
const file = relative(`${import.meta.dirname}/..`, expect.getState().testPath ?? '');
const home = await openHome(root, file.replace(/\.(e2e|kvm)\.ts$/, '').replaceAll('/', '-'));
process.env['KATAVM_E2E_HOME'] = home;
afterAll(() => closeHome(home));
