#!/bin/bash
# socat 1.8.0.3 (Debian 13's), an address STDIO,shut-close, and a server that ends first while our stdin stays open:
# socat passes on what the server said and leaves its stdout open. 1.7.4.4 (Debian 12's) closes it, as shut-close says.
# STDIN!!STDOUT,shut-close closes it in both. Needs mmdebstrap and python3; runs no katavm.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for suite in bookworm trixie; do
  mmdebstrap --quiet --mode=root --variant=extract --include=socat "$suite" "$work/$suite"
done

cat >"$work/look.py" <<'PYTHON'
"""Prints what a socat address does: "closed" or "open" within 5 seconds of a server's end."""
import os, select, socket, subprocess, sys, threading, time
*run, address = sys.argv[1:]
server = socket.create_server(("127.0.0.1", 0))
def serve():
    connection, _ = server.accept()
    connection.sendall(b"bye\n")
    connection.shutdown(socket.SHUT_WR)
    connection.recv(1)
threading.Thread(target=serve, daemon=True).start()
child = subprocess.Popen([*run, "-t", "60", address, "TCP:127.0.0.1:%d" % server.getsockname()[1]], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
end, said, state = time.time() + 5, b"", "open"
while time.time() < end and select.select([child.stdout], [], [], end - time.time())[0]:
    some = os.read(child.stdout.fileno(), 100)
    said += some
    if not some:
        state = "closed"
        break
child.kill()
child.wait()
assert said == b"bye\n", said
print(state)
PYTHON

failed=0
expect() { # SUITE VERSION ADDRESS STATE
  local root=$work/$1 version state run
  # With the libraries of its own release; Debian 12 has them in /lib.
  run=("$(find "$root" -name ld-linux-x86-64.so.2 | head -1)")
  run+=(--library-path "$root/lib/x86_64-linux-gnu:$root/usr/lib/x86_64-linux-gnu" "$root/usr/bin/socat")
  version=$("${run[@]}" -V | grep -oE 'socat version [0-9.]+')
  state=$(python3 "$work/look.py" "${run[@]}" "$3")
  printf '%s: %s, %s: stdout %s\n' "$1" "$version" "$3" "$state"
  [ "$version" = "socat version $2" ] && [ "$state" = "$4" ] || failed=1
}
expect bookworm 1.7.4.4 STDIO,shut-close closed
expect trixie 1.8.0.3 STDIO,shut-close open
expect bookworm 1.7.4.4 'STDIN!!STDOUT,shut-close' closed
expect trixie 1.8.0.3 'STDIN!!STDOUT,shut-close' closed
exit "$failed"
