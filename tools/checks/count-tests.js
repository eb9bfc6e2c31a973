// Prints "PASSED FAILED" of vitest's JSON report: node tools/checks/count-tests.js REPORT EXIT_CODE
import { readFile } from 'node:fs/promises';

const [report = '', exitCode = '1'] = process.argv.slice(2);
const { numPassedTests: passed = 0, numFailedTests = 0, testResults = [] } = JSON.parse((await readFile(report, 'utf8')) || '{}');
// A file that could not be loaded has no tests to fail.
const brokenFiles = testResults.filter(
  ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
).length;
const failed = numFailedTests + brokenFiles;
process.stdout.write(`${passed} ${failed === 0 && exitCode !== '0' ? 1 : failed}\n`);
