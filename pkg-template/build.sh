#!/usr/bin/env bash
# Builds the npm package into pkg-template/dist/, exactly as it is published, and prints its size.
# The tools it runs are those of `scripts/setup.sh build`.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

root=$PWD
dist=$root/pkg-template/dist
target=wasm32-unknown-unknown
built=${CARGO_TARGET_DIR:-target}/$target/release/gws_im_sdk.wasm
export PATH="$root/.tools/cargo/bin:$root/.tools/npm/node_modules/.bin:$PATH"

# A panic names its source file. Without this the published module would carry folders of the machine that built it.
cargo fetch --quiet --target "$target"
flags=
for sources in "${CARGO_HOME:-$HOME/.cargo}"/registry/src/*; do
  flags="$flags --remap-path-prefix=$sources=crates"
done
CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="$flags" cargo build --release --lib --target "$target"

# Generated and intermediate files stay out of the package.
staging=$(mktemp -d)
trap 'rm -rf "$staging"' EXIT
wasm-bindgen "$built" --target web --no-typescript --out-name gws_im_sdk --out-dir "$staging" \
  --remove-name-section --remove-producers-section --omit-default-module-path --experimental-reset-state-function

rm -rf "$dist"
mkdir -p "$dist"
# No feature flags: the module itself says what it uses, and anything more may be unreadable for an older browser.
wasm-opt -Oz "$staging/gws_im_sdk_bg.wasm" -o "$dist/gws_im_sdk_bg.wasm"

# One script, so that a page without a bundler makes one request and not ten. Names, spaces and comments
# are found again through the source map, which names its sources src/…; it is loaded by developer tools only.
mkdir "$staging/src"
cp pkg-template/*.js "$staging/src/"
esbuild "$staging/gws_im_sdk.js" --minify --log-level=warning --outfile="$staging/src/gws_im_sdk.js"
(cd "$staging" && esbuild src/index.js --bundle --format=esm --target=es2022 --minify \
  --sourcemap --source-root=gws-im-sdk --log-level=warning --outfile=index.js)
cp "$staging/index.js" "$staging/index.js.map" "$dist/"

cp pkg-template/*.d.ts pkg-template/package.json pkg-template/README.md LICENSE-APACHE LICENSE-MIT CHANGELOG.md "$dist/"

node scripts/inspect-package.mjs "$dist"
