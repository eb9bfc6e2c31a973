#!/bin/bash
# turbo that is ended by SIGTERM in the middle of a task exits with 0, and the summary of its run says exitCode 0, failed 0, and has no
# such task: a run that was cut off looks like one that passed. Only `attempted`, larger than success + failed + cached, shows it.
# Seen with turbo 2.11.11 on Linux x86-64. katavm compares these numbers (tools/checks/rows.js). Needs Node and npm; runs no katavm.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
mkdir -p packages/a
npm_version=$(npm --version)
cat >package.json <<JSON
{ "name": "finding", "private": true, "packageManager": "npm@$npm_version", "workspaces": ["packages/*"], "dependencies": { "turbo": "2.11.11" } }
JSON
echo '{ "name": "a", "version": "1.0.0", "scripts": { "test": "sleep 60" } }' >packages/a/package.json
echo '{ "tasks": { "test": {} } }' >turbo.json
npm install --no-audit --no-fund --loglevel=error >/dev/null
export TURBO_TELEMETRY_DISABLED=1

coproc turbo { exec "$(node -p 'require.resolve("@turbo/linux-64/bin/turbo")')" run test --skip-infer --summarize 2>&1; }
# shellcheck disable=SC2154 # bash sets it
process=$turbo_PID
while read -r line <&"${turbo[0]}"; do
  # The script runs: its command has been printed.
  [[ $line == *'sleep 60'* ]] && break
done
kill -TERM "$process"
code=0
wait "$process" || code=$?
# shellcheck disable=SC2016 # JavaScript
seen=$(node -p 'const { readdirSync: list, readFileSync: read } = require("fs");
  const { tasks, execution: e } = JSON.parse(read(`.turbo/runs/${list(".turbo/runs")[0]}`));
  `exitCode ${e.exitCode}, attempted ${e.attempted}, success ${e.success}, failed ${e.failed}, cached ${e.cached}, tasks ${tasks.length}`')
echo "turbo exited with $code; summary: $seen"
[ "$code: $seen" = '0: exitCode 0, attempted 1, success 0, failed 0, cached 0, tasks 0' ] || { echo 'it behaves differently now' && exit 1; }
