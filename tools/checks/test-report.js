import { readFile } from 'node:fs/promises';

/** What a report of vitest's says. @param succeeded whether the run itself did. @returns {Promise<{passed: number, failed: number}>} */
export async function readReport(path, succeeded) {
  const text = await readFile(path, 'utf8').catch(() => '');
  // A run that failed without a failed test (an error outside of any, no report at all) counts as one failure.
  if (text === '') return { passed: 0, failed: 1 };
  const { numPassedTests: passed, numFailedTests, testResults } = JSON.parse(text);
  // A file that could not be loaded has no tests to fail.
  const broken = testResults.filter(({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0);
  const failed = numFailedTests + broken.length;
  return { passed, failed: failed === 0 && !succeeded ? 1 : failed };
}
