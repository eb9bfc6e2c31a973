// Prints the rows of what turbo ran of these tasks, then "PASSED FAILED": node tools/checks/rows.js TASK...
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readReport } from './test-report.js';

const wanted = process.argv.slice(2);
const runs = '.turbo/runs';
const total = { passed: 0, failed: 0 };
const { tasks, execution } = await findRun();
for (const name of wanted) {
  const same = tasks.filter(({ task }) => task === name);
  if (same.length > 0) await (isTier(same) ? rowOfTier : rowOfCheck)(name, same);
}
// turbo ends with 0 when it is ended by a signal, and its summary leaves out what it had not finished.
const cutOff = execution.attempted - execution.success - execution.cached - execution.failed;
if (cutOff > 0) print({ name: 'turbo', same: [], passed: 0, failed: 1, words: `ended before ${cutOff} of its tasks`, logs: [] });
process.stdout.write(`${total.passed} ${total.failed}\n`);

/** The one run that turbo has summarized and that was asked for these. */
async function findRun() {
  const files = await readdir(runs).catch(() => []);
  const summaries = await Promise.all(files.map(async (file) => JSON.parse(await readFile(join(runs, file), 'utf8'))));
  const isWanted = ({ execution }) => execution.command.startsWith(`turbo run ${wanted.join(' ')} `);
  return summaries.find(isWanted) ?? { tasks: [], execution: { attempted: 1, success: 0, cached: 0, failed: 0 } };
}

function isTier(tasks) {
  return tasks.some(({ task, expandedOutputs }) => expandedOutputs.some((path) => path.endsWith(`reports/${task}.json`)));
}

/** A check counts as one, in however many packages it was made. */
async function rowOfCheck(name, same) {
  const { tasks: known } = JSON.parse(await readFile('turbo.json', 'utf8'));
  const bad = same.filter((each) => !succeeded(each));
  const failed = Math.min(bad.length, 1);
  print({
    name: known[same[0].taskId]?.description ?? name,
    same,
    passed: 1 - failed,
    failed,
    logs: await Promise.all(bad.map(logOf)),
  });
}

/** Of a tier each test counts. */
async function rowOfTier(name, same) {
  const bad = same.filter((each) => !succeeded(each));
  const reports = await Promise.all(
    same.map((each) => readReport(join(each.directory, `reports/${name}.json`), succeeded(each))),
  );
  const [passed, failed] = ['passed', 'failed'].map((key) => reports.reduce((sum, report) => sum + report[key], 0));
  const words = `${passed} passed, ${failed} failed`;
  print({ name: `${name} tests`, same, passed, failed, words, logs: (await Promise.all(bad.map(logOf))).map(failuresIn) });
}

/** One row, and below it what failed. Its time is what its tasks took together, one beside the other or not. */
function print({ name, same, passed, failed, words = '', logs }) {
  total.passed += passed;
  total.failed += failed;
  const seconds = same.reduce((sum, { execution }) => sum + (execution ? execution.endTime - execution.startTime : 0), 0) / 1000;
  const hits = same.filter(isHit).length;
  const cached = hits === 0 ? '' : hits === same.length ? 'cached' : `cached: ${hits} of ${same.length} packages`;
  const notes = [words, cached].filter((note) => note !== '').join('; ');
  const row = `${(failed === 0 ? 'ok' : 'FAILED').padEnd(7)} ${name.padEnd(28)} ${`${seconds.toFixed(1)} s`.padStart(10)}   ${notes}`;
  process.stdout.write(`${row.trimEnd()}\n`);
  for (const log of logs) process.stdout.write(`${log.trim().replaceAll(/^/gm, '        ')}\n`);
}

/** What vitest says of failures comes after the list of the files. */
function failuresIn(log) {
  const begin = log.search(/^.*(Failed (Tests|Suites)|Unhandled Error)/m);
  return begin < 0 ? log : log.slice(begin);
}

function isHit({ cache }) {
  return cache.status === 'HIT';
}

function succeeded(each) {
  return isHit(each) || each.execution?.exitCode === 0;
}

function logOf({ logFile, taskId }) {
  return readFile(logFile, 'utf8').catch(() => `${taskId} was not run`);
}
