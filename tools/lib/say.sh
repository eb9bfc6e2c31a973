# shellcheck shell=bash
# Plain lines on stderr: stdout belongs to results.

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

# die EXIT_CODE MESSAGE: the exit codes are katavm's own (docs/errors.md): 1 failed, 2 usage, 3 the host is not ready.
die() {
  local code=$1
  shift
  say "$*"
  exit "$code"
}

# Words as a line that can be pasted into a shell.
as_command() {
  local word line=
  for word in "$@"; do
    if [[ $word =~ ^[A-Za-z0-9@%+=:,./_-]+$ ]]; then line+=" $word"; else line+=" ${word@Q}"; fi
  done
  printf '%s' "${line# }"
}
