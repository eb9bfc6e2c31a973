# shellcheck shell=bash
# Rows of a test run: one for each check, counted. Needs clock.sh.

passed=0 failed=0

# row NAME MILLISECONDS PASSED FAILED
row() {
  passed=$((passed + $3)) failed=$((failed + $4))
  local mark=ok
  [ "$4" -eq 0 ] || mark=FAILED
  printf '%-7s %-28s %10s   %s\n' "$mark" "$1" "$(in_seconds "$2")" "${5:-}"
}

# check NAME COMMAND...: one row, with what the command said where it failed.
check() {
  local name=$1 begin out
  shift
  begin=$(now_milliseconds)
  if out=$("$@" 2>&1 </dev/null); then
    row "$name" $(($(now_milliseconds) - begin)) 1 0
  else
    row "$name" $(($(now_milliseconds) - begin)) 0 1
    printf '%s\n' "$out" | sed 's/^/        /'
  fi
}

# tier PROJECT: one of vitest's projects, whose every test counts. Its own report goes to stderr as it comes.
tier() {
  local begin code=0 report counts ok bad
  begin=$(now_milliseconds)
  report=$(mktemp)
  node node_modules/vitest/vitest.mjs run --project "$1" --passWithNoTests --reporter=default --reporter=json \
    --outputFile.json="$report" >&2 </dev/null || code=$?
  # A tier that failed without a failed test (an error outside of any, no report at all) counts as one failure.
  counts=$(node tools/checks/count-tests.js "$report" "$code")
  rm -f "$report"
  read -r ok bad <<<"$counts"
  row "$1 tests" $(($(now_milliseconds) - begin)) "$ok" "$bad" "$ok passed, $bad failed"
}
