# shellcheck shell=bash
# Durations for people, to a tenth of a second.

now_milliseconds() { echo $((${EPOCHREALTIME/./} / 1000)); }

# in_seconds MILLISECONDS: "12.3 s"
in_seconds() { printf '%d.%d s' $(($1 / 1000)) $(($1 % 1000 / 100)); }
