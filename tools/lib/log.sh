# shellcheck shell=bash
# Runs commands, and keeps what they print in a file. Needs say.sh, dry_run= and log= (the file).

# do_it COMMAND...: runs it; a dry run shows it instead. Where it fails, the last that it printed is shown.
do_it() {
  local line
  line=$(as_command "$@")
  if [ -n "${dry_run:-}" ]; then
    say "$line"
    return
  fi
  printf '%s %s\n' "$(date -Is)" "$line" >>"${log:?}"
  "$@" >>"$log" 2>&1 </dev/null && return
  tail -n 15 "$log" >&2
  die 3 "failed: $line; the whole log is in $log"
}
