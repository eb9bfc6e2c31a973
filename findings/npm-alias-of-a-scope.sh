#!/bin/bash
# npm 12.2.0, a scope with a registry of its own (@acme:registry=…), and an alias outside of that scope for a package of it
# ("other": "npm:@acme/thing@*"): npm looks for the registry by the alias, takes the tarball for one of another host, and ends with
# EALLOWREMOTE. npm 11.19.1 installs it, and 12.2.0 does where the alias has the scope.
# Needs Node 22 or later with npm; runs no katavm.
set -euo pipefail
work=$(mktemp -d)
registry=
trap '[ -z "$registry" ] || kill "$registry"; rm -rf "$work"' EXIT
for version in 11.19.1 12.2.0; do
  npm install --silent --prefix "$work/npm-$version" "npm@$version" >/dev/null
done

mkdir -p "$work/pack/package"
echo '{ "name": "@acme/thing", "version": "1.0.0" }' >"$work/pack/package/package.json"
tar -C "$work/pack" -czf "$work/thing-1.0.0.tgz" package
cat >"$work/registry.mjs" <<'JAVASCRIPT'
// A registry with one package, which prints its port.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
const [, , tarball] = process.argv;
const content = readFileSync(tarball);
const integrity = `sha512-${createHash('sha512').update(content).digest('base64')}`;
const server = createServer(({ url }, response) => {
  const dist = { tarball: `http://127.0.0.1:${server.address().port}/-/thing-1.0.0.tgz`, integrity };
  const versions = { '1.0.0': { name: '@acme/thing', version: '1.0.0', dist } };
  if (url.startsWith('/-/')) response.end(content);
  else if (decodeURIComponent(url) === '/@acme/thing') {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ name: '@acme/thing', 'dist-tags': { latest: '1.0.0' }, versions }));
  } else response.writeHead(404).end('{}');
}).listen(0, '127.0.0.1', () => console.log(server.address().port));
JAVASCRIPT
node "$work/registry.mjs" "$work/thing-1.0.0.tgz" >"$work/port" &
registry=$!
until [ -s "$work/port" ]; do sleep 0.1; done

failed=0
expect() { # VERSION ALIAS RESULT
  local folder result
  folder=$(mktemp -d "$work/project.XXXXXX")
  printf '{ "private": true, "dependencies": { "%s": "npm:@acme/thing@*" } }\n' "$2" >"$folder/package.json"
  echo "@acme:registry=http://127.0.0.1:$(cat "$work/port")/" >"$folder/.npmrc"
  result=installed
  (cd "$folder" && node "$work/npm-$1/node_modules/npm/bin/npm-cli.js" install --no-audit --cache "$folder/cache") >"$folder/log" 2>&1 ||
    result=$(grep -oE 'code E[A-Z]+' "$folder/log" | head -1 | cut -d ' ' -f 2)
  printf 'npm %s, an alias "%s": %s\n' "$1" "$2" "$result"
  [ "$result" = "$3" ] || failed=1
}
expect 11.19.1 other installed
expect 12.2.0 other EALLOWREMOTE
expect 12.2.0 @acme/other installed
exit "$failed"
