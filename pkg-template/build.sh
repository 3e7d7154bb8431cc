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

rm -rf "$dist"
mkdir -p "$dist"
wasm-bindgen "$built" --target web --no-typescript --out-name gws_im_sdk --out-dir "$dist" \
  --remove-name-section --remove-producers-section --experimental-reset-state-function

# No feature flags: the module itself says what it uses, and anything more may be unreadable for an older browser.
wasm-opt -Oz "$dist/gws_im_sdk_bg.wasm" -o "$dist/gws_im_sdk_bg.wasm"

# One file for a page without a bundler: the face and the generated glue together, as each further module is a further round trip.
cp pkg-template/*.js "$dist/"
esbuild "$dist/index.js" --bundle --minify --format=esm --target=es2022 --legal-comments=none --log-level=warning --allow-overwrite \
  --outfile="$dist/index.js"
find "$dist" -name '*.js' ! -name index.js -delete

for file in pkg-template/*.d.ts pkg-template/package.json pkg-template/README.md LICENSE-APACHE LICENSE-MIT CHANGELOG.md; do
  cp "$file" "$dist/"
done

node scripts/inspect-package.mjs "$dist"
