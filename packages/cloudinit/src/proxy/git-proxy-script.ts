/**
 * What git runs, with a host and a port, for a git:// URL. socat speaks SOCKS4, SOCKS4A and HTTP CONNECT in every version, SOCKS5
 * only since 1.8 (Debian 12 has 1.7.4): for SOCKS5 bash shakes hands (RFC 1928, RFC 1929) and socat relays what follows.
 */
const script = `#!/bin/bash
# git runs this as: katavm-git-proxy HOST PORT
url='@URL@'

set -e
export LC_ALL=C
# Seconds that the server may take for its answer after git has said all; socat's own default is half a second.
patience=600
# shut-close, below: git hears at once where the server ends first. Not STDIO,shut-close: socat 1.8.0.3 leaves stdout open there.
fail() { echo "katavm-git-proxy: $*" >&2; exit 1; }
decode() { printf '%b' "\${1//\\%/\\\\x}"; }
escape() { sed 's/[^A-Za-z0-9]/\\\\&/g' <<< "$1"; }
byte() { printf '\\\\x%02x' "$1"; }

rest=\${url#*://}
login=
case $rest in *@*) login=\${rest%@*}; rest=\${rest##*@} ;; esac
rest=\${rest%/}
proxy=\${rest%:*} port=\${rest##*:}
user=$(decode "\${login%%:*}")
password=
case $login in *:*) password=$(decode "\${login#*:}") ;; esac

case $url in
  socks4://*) exec socat -t "$patience" STDIN!!STDOUT,shut-close "SOCKS4:$proxy:$1:$2,socksport=$port\${user:+,socksuser=$(escape "$user")}" ;;
  socks4a://*) exec socat -t "$patience" STDIN!!STDOUT,shut-close "SOCKS4A:$proxy:$1:$2,socksport=$port\${user:+,socksuser=$(escape "$user")}" ;;
  http://*) exec socat -t "$patience" STDIN!!STDOUT,shut-close "PROXY:$proxy:$1:$2,proxyport=$port\${user:+,proxyauth=$(escape "$user:$password")}" ;;
esac

answer() { head -c "$1" <&3 | od -An -v -tu1; }
exec 3<> "/dev/tcp/$proxy/$port"
printf '\\x05\\x02\\x00\\x02' >&3
read -r _ method <<< "$(answer 2)"
case $method in
  0) ;;
  2)
    printf "\\x01$(byte \${#user})%s$(byte \${#password})%s" "$user" "$password" >&3
    read -r _ status <<< "$(answer 2)"
    [ "$status" = 0 ] || fail "the proxy $proxy:$port refused the user"
    ;;
  *) fail "the proxy $proxy:$port does not speak SOCKS5, or wants a login that is not supported" ;;
esac
printf "\\x05\\x01\\x00\\x03$(byte \${#1})%s$(byte $(($2 / 256)))$(byte $(($2 % 256)))" "$1" >&3
read -r _ status _ kind <<< "$(answer 4)"
[ "$status" = 0 ] || fail "the proxy $proxy:$port refused $1:$2 (SOCKS5 reply $status)"
case $kind in
  1) answer 6 ;;
  4) answer 18 ;;
  3) answer $(($(answer 1) + 2)) ;;
esac > /dev/null
exec socat -t "$patience" STDIN!!STDOUT,shut-close FD:3,shut-down
`;

/** @param url a validated git proxy URL (`proxySchema`): it holds no quote, blank or backslash. */
export function gitProxyScript(url: string): string {
  return script.replace('@URL@', () => url);
}
