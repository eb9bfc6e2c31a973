# shellcheck shell=bash
# The checkout's own pnpm, its dependencies and its build, all inside the checkout. Needs say.sh, turbo.sh and root= (the checkout).

pinned_pnpm() { sed -n 's/.*"packageManager": *"pnpm@\([0-9.]*\)".*/\1/p' "${root:?}/package.json"; }

run_pnpm() { node "$root/.tools/pnpm/node_modules/pnpm/bin/pnpm.mjs" "$@"; }

# Installed aside, not globally: other projects on this host may pin another version.
install_pnpm() {
  local version folder=$root/.tools/pnpm
  version=$(pinned_pnpm)
  grep -qs "\"version\": *\"$version\"" "$folder/node_modules/pnpm/package.json" && return
  say "installing pnpm $version into .tools"
  mkdir -p "$folder"
  npm install --prefix "$folder" --no-audit --no-fund --no-update-notifier --loglevel=error "pnpm@$version" >&2 </dev/null
}

# Everything that decides what "pnpm install" does.
dependencies_digest() (
  cd "$root" || exit
  shopt -s nullglob
  cat pnpm-lock.yaml pnpm-workspace.yaml package.json {packages/*,bench,e2e}/package.json* | sha256sum
)

install_dependencies() {
  local digest stamp=$root/.tools/dependencies
  digest=$(dependencies_digest)
  [ -d "$root/node_modules" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$digest" ] && return
  say 'installing the dependencies'
  # A node_modules that another user, or a pnpm with another HOME, has made is replaced without asking.
  (cd "$root" && CI=true run_pnpm install --frozen-lockfile --config.confirmModulesPurge=false >&2 </dev/null)
  printf '%s\n' "$digest" >"$stamp"
}

# Each package once for the same sources, in the order of their imports.
build() { run_turbo run build --output-logs=errors-only >&2 </dev/null || die 1 'the build failed'; }
