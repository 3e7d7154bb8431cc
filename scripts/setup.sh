#!/usr/bin/env bash
# Makes this machine ready to build, demonstrate or test gws-im-sdk.
#
#   scripts/setup.sh build    what the npm package needs
#   scripts/setup.sh demo     the same, and what the simulator needs
#   scripts/setup.sh test     the same, and what only tests need: browser, drivers, npm modules
#
# Only what is missing is installed, and each step says what it does and why. Tools that need not be
# global are kept in .tools/, so nothing that other projects use on this machine changes; one of the
# right version that is already on PATH is used as it is. Where a step cannot be done by this script, it
# names what to install by hand, goes on with the rest, and fails at the end.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# ---- the versions, all of them ------------------------------------------------------------------------

# wasm-bindgen's command must be of the very version of the crate it reads the output of.
wasm_bindgen_version=$(sed -n 's/^wasm-bindgen *= *"=\([0-9.]*\)".*/\1/p' Cargo.toml)
rust_version=$(sed -n 's/^channel *= *"\(.*\)".*/\1/p' rust-toolchain.toml)
wasm_pack_version=0.15.1
binaryen_version=132.0.0
esbuild_version=0.28.2
oldest_node=20
oldest_jdk=17

tools=$PWD/.tools
export PATH="$tools/cargo/bin:$tools/npm/node_modules/.bin:$PATH"

# ---- telling -------------------------------------------------------------------------------------------

by_hand=()

say() { printf 'setup: %s\n' "$*"; }

# try WHAT WHY COMMAND...: runs COMMAND and tells how long it took. Its output is shown only when it fails.
try() {
  local what=$1 why=$2 log start=$SECONDS status=0
  shift 2
  say "installing $what ($why)"
  mkdir -p "$tools"
  log=$(mktemp "$tools/log.XXXXXX")
  "$@" </dev/null >"$log" 2>&1 || status=$?
  if [ $status = 0 ]; then
    say "installed $what in $((SECONDS - start)) s"
  else
    tail -n 40 "$log" >&2
  fi
  rm -f "$log"
  return $status
}

# install WHAT WHY COMMAND...: the same, where COMMAND is also what a person would type.
install() {
  local what=$1
  try "$@" || { shift 2 && need "$what, by: $*"; }
}

# need WHAT: something that has to be installed by hand.
need() {
  by_hand+=("$1")
  say "missing: $1"
}

finish() {
  if [ ${#by_hand[@]} -gt 0 ]; then
    say "not ready for $goal. Please install by hand:" >&2
    printf '  - %s\n' "${by_hand[@]}" >&2
    exit 1
  fi
  say "ready for $goal ($SECONDS s)"
}

has() { command -v "$1" >/dev/null 2>&1; }

# all_of TEXT PART...: whether every part is in the text.
all_of() {
  local text=$1 part
  shift
  for part in "$@"; do
    case "$text" in *"$part"*) ;; *) return 1 ;; esac
  done
}

# major TEXT: the first number in it ("v20.20.2" gives 20).
major() { printf '%s' "$1" | sed -n '1s/[^0-9]*\([0-9][0-9]*\).*/\1/p'; }

# ---- what must be there before -------------------------------------------------------------------------

check_rustup() {
  # Not part of rustup, and without it no build script of a crate can be linked.
  has cc || need "a C compiler and linker (on Debian: apt-get install gcc libc6-dev)"
  if ! has rustup || ! has cargo; then need "Rust by rustup (https://rustup.rs)"; fi
}

check_node() {
  local found
  if ! has node || ! has npm; then
    need "Node.js $oldest_node or newer, with npm (https://nodejs.org)"
    return
  fi
  found=$(node --version)
  [ "$(major "$found")" -ge "$oldest_node" ] || need "Node.js $oldest_node or newer (this one is $found)"
}

check_java() {
  local javac=javac found
  [ -z "${JAVA_HOME:-}" ] || javac=$JAVA_HOME/bin/javac
  if ! has "$javac"; then
    need "a JDK $oldest_jdk or newer (on Debian: apt-get install openjdk-17-jdk-headless)"
  else
    found=$("$javac" -version 2>&1)
    [ "$(major "$found")" -ge "$oldest_jdk" ] || need "a JDK $oldest_jdk or newer (this one is $found)"
  fi
  has mvn || need "Maven (on Debian: apt-get install maven)"
}

# ---- the steps -----------------------------------------------------------------------------------------

setup_rust() {
  has rustup || return 0
  local installed
  # Both questions fail when the toolchain itself is missing: then everything is.
  installed=$(rustup target list --installed --toolchain "$rust_version" 2>/dev/null;
    rustup component list --installed --toolchain "$rust_version" 2>/dev/null) || true
  all_of "$installed" wasm32-unknown-unknown clippy rustfmt && return 0
  install "Rust $rust_version with wasm32-unknown-unknown, rustfmt and clippy" "compiles the SDK to WebAssembly" \
    rustup toolchain install "$rust_version" --profile minimal --no-self-update \
    --component rustfmt --component clippy --target wasm32-unknown-unknown
}

# cargo_tool COMMAND CRATE VERSION WHY [FLAG...]: a command from crates.io, into .tools/cargo. Built without
# optimisation: that takes a quarter of the time, and what these commands do here takes no time either way.
cargo_tool() {
  local command=$1 crate=$2 version=$3 why=$4
  shift 4
  if has "$command" && [ "$("$command" --version 2>/dev/null)" = "$command $version" ]; then return 0; fi
  has cargo || return 0
  install "$crate $version" "$why" \
    env -u CARGO_TARGET_DIR cargo install "$crate" --version "$version" --root "$tools/cargo" \
    --debug --config profile.dev.debug=0 "$@"
}

setup_wasm_bindgen() {
  if [ -z "$wasm_bindgen_version" ]; then
    say "Cargo.toml must pin wasm-bindgen exactly, as in: wasm-bindgen = \"=0.2.130\"" >&2
    exit 1
  fi
  cargo_tool wasm-bindgen wasm-bindgen-cli "$wasm_bindgen_version" "writes the JavaScript around the module"
}

# npm_tool PACKAGE VERSION WHY: a command from the npm registry, into .tools/npm.
npm_tool() {
  has npm || return 0
  mkdir -p "$tools/npm"
  [ -f "$tools/npm/package.json" ] || printf '{ "private": true }\n' >"$tools/npm/package.json"
  install "$1 $2" "$3" npm install --prefix "$tools/npm" --no-audit --no-fund --save-exact "$1@$2"
}

setup_wasm_opt() {
  local found
  found=$(wasm-opt --version 2>/dev/null || true)
  [ "$(major "$found")" = "${binaryen_version%%.*}" ] || npm_tool binaryen "$binaryen_version" "its wasm-opt makes the module smaller"
}

setup_esbuild() {
  [ "$(esbuild --version 2>/dev/null)" = "$esbuild_version" ] || npm_tool esbuild "$esbuild_version" "makes the generated JavaScript smaller"
}

setup_wasm_pack() {
  cargo_tool wasm-pack wasm-pack "$wasm_pack_version" "runs tests/browser.rs in a browser" --locked
}

# apt PACKAGE...: Debian's packages, where that can be done without asking anybody for a password.
apt() {
  local as_root=()
  [ "$(id -u)" = 0 ] || as_root=(sudo -n)
  ${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive sh -c \
    'apt-get update && apt-get install -y --no-install-recommends "$@"' sh "$@"
}

on_debian() { [ -r /etc/os-release ] && grep -q '^ID=debian$' /etc/os-release; }

can_apt() {
  on_debian || return 1
  [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null
}

# The browser and its driver are one pair: a driver refuses a browser of another major version.
browser_pair() {
  local browser driver
  browser=$("${CHROMIUM:-chromium}" --version 2>/dev/null) || return 1
  driver=$("${CHROMEDRIVER:-chromedriver}" --version 2>/dev/null) || return 1
  [ "$(major "$browser")" = "$(major "$driver")" ]
}

setup_browser() {
  browser_pair && return 0
  if can_apt; then
    try "chromium and chromium-driver" "run the browser tests" apt chromium chromium-driver && browser_pair && return 0
  fi
  need "Chromium and the ChromeDriver of the same version (on Debian, as root: apt-get install chromium chromium-driver;
    elsewhere name them in the variables CHROMIUM and CHROMEDRIVER)"
}

# npm_modules FOLDER: what its lock file names, again only when the lock file has changed since.
npm_modules() {
  local folder=$1
  [ -f "$folder/package-lock.json" ] && has npm || return 0
  cmp -s "$folder/package-lock.json" "$folder/node_modules/.installed-lock.json" && return 0
  install "the npm modules of $folder" "its tests use them" npm ci --prefix "$folder" --no-audit --no-fund
  [ ! -d "$folder/node_modules" ] || cp "$folder/package-lock.json" "$folder/node_modules/.installed-lock.json"
}

# ---- what each goal needs ------------------------------------------------------------------------------

for_build() {
  check_rustup
  check_node
  setup_rust
  setup_wasm_bindgen
  setup_wasm_opt
  setup_esbuild
}

for_demo() {
  for_build
  check_java
}

check_cxx() {
  # libFuzzer is C++. The variable may name options, too.
  local compiler=${CXX:-c++}
  has "${compiler%% *}" || need "a C++ compiler (on Debian: apt-get install g++)"
}

for_test() {
  for_demo
  check_cxx
  setup_browser
  setup_wasm_pack
  npm_modules tests/e2e
  npm_modules tests/interop
  npm_modules tests/types
}

goal=${1:-}
case "$goal" in
  build | demo | test) "for_$goal" ;;
  *)
    echo "usage: scripts/setup.sh build|demo|test" >&2
    exit 2
    ;;
esac
finish
