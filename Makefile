# Every target sets up what it needs by itself (scripts/setup.sh); nothing has to be done before.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:

export PATH := $(CURDIR)/.tools/cargo/bin:$(CURDIR)/.tools/npm/node_modules/.bin:$(PATH)
export MAKE

SETUP ?= scripts/setup.sh
# Of the demo's server; 0 takes any free one.
PORT ?= 0

# Of fuzzing by hand, in seconds, and of the soak.
FUZZ_SECONDS ?= 60
NOTIFICATIONS ?= 1000000
MINUTES ?= 10
SEED ?=

# A browser and its driver of the same version.
export CHROMIUM ?= chromium
export CHROMEDRIVER ?= chromedriver
# The readers of the crate's documentation are its contributors: links to private items are wanted.
RUSTDOC_LINTS := -D warnings -A rustdoc::private_intra_doc_links
WASM := --target wasm32-unknown-unknown
SIMULATOR := tests/gws-simulator
JAR := $(SIMULATOR)/target/gws-simulator.jar
MAVEN := mvn --batch-mode --no-transfer-progress --file $(SIMULATOR)/pom.xml

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: setup-demo build $(JAR) ## Build the package and serve the demo with a simulator of Genesys (PORT=8080 to choose the port)
	@exec node scripts/demo.mjs --port $(PORT)

.PHONY: test
test: setup-test ## Run every test there is
	@SETUP=: node scripts/run-suites.mjs native fuzz face simulator browser types e2e

.PHONY: package
package: setup-build build ## Build the npm package, print its size and leave the tarball in pkg-template
	@rm -f pkg-template/*.tgz
	@tarball=$$(npm pack --silent --pack-destination pkg-template ./pkg-template/dist) && echo "packed as pkg-template/$$tarball"

.PHONY: check
check: setup-build ## Check formatting, lints and documentation
	cargo fmt --check
	cargo fmt --check --manifest-path tests/fuzz/Cargo.toml
	cargo clippy --all-targets -- -D warnings
	cargo clippy --all-targets $(WASM) -- -D warnings
	RUSTDOCFLAGS="$(RUSTDOC_LINTS)" cargo doc --no-deps --document-private-items
	RUSTDOCFLAGS="$(RUSTDOC_LINTS)" cargo doc --no-deps --document-private-items $(WASM)
	node scripts/check-text.mjs

.PHONY: test-native
test-native: setup-build ## Run the native tests: protocol core, GWS rules, layering
	cargo test --no-fail-fast

.PHONY: test-face
test-face: setup-build ## Run the tests of the package's JavaScript modules
	node --test --test-reporter=spec tests/face/*.test.js

.PHONY: test-simulator
test-simulator: setup-demo ## Run the simulator's own tests
	$(MAVEN) package
	@touch $(JAR)

.PHONY: test-browser
test-browser: setup-test $(JAR) ## Run tests/browser.rs in headless Chromium against a simulator
	@mkdir -p target
	@printf '{"goog:chromeOptions": {"binary": "%s", "args": ["--disable-background-networking"]}}\n' \
	  "$$(command -v $(CHROMIUM))" >target/webdriver.json
	WASM_BINDGEN_TEST_WEBDRIVER_JSON="$(CURDIR)/target/webdriver.json" WASM_BINDGEN_TEST_TIMEOUT=300 \
	  node scripts/with-simulator.mjs --max-sessions-per-browser -1 -- \
	  wasm-pack test --headless --chrome --chromedriver "$$(command -v $(CHROMEDRIVER))" --mode no-install . --test browser

.PHONY: test-types
test-types: setup-test package ## Compile TypeScript samples against the package's types
	npm test --prefix tests/types

.PHONY: test-e2e
test-e2e: setup-test package $(JAR) ## Run the packed package in headless Chromium against a simulator
	GWS_IM_SDK_TARBALL="$$(ls $(CURDIR)/pkg-template/*.tgz)" GWS_SIMULATOR_JAR="$(CURDIR)/$(JAR)" npm test --prefix tests/e2e

.PHONY: test-fuzz
test-fuzz: setup-build ## Fuzz the reader of replies and the whole client for a minute in all (needs a C++ compiler)
	tests/fuzz/run 60

.PHONY: fuzz
fuzz: setup-build ## Fuzz for as long as FUZZ_SECONDS says (needs a C++ compiler)
	tests/fuzz/run $(FUZZ_SECONDS)

.PHONY: soak
soak: setup-build ## Send a million notifications through seeded faults (NOTIFICATIONS, SEED)
	cargo run --quiet --release --example soak -- --notifications $(NOTIFICATIONS) $(if $(SEED),--seed $(SEED))

.PHONY: soak-browser
soak-browser: setup-test package $(JAR) ## The same in Chromium against a simulator, in real time (MINUTES, SEED)
	GWS_IM_SDK_TARBALL="$$(ls $(CURDIR)/pkg-template/*.tgz)" GWS_SIMULATOR_JAR="$(CURDIR)/$(JAR)" \
	  node tests/soak/browser.mjs --minutes $(MINUTES) $(if $(SEED),--seed $(SEED))

.PHONY: interop
interop: setup-test package $(JAR) ## Run the packed package in headless Chromium against servers of four CometD lines
	mvn --batch-mode --no-transfer-progress --quiet --file tests/interop/java/pom.xml package
	GWS_IM_SDK_TARBALL="$$(ls $(CURDIR)/pkg-template/*.tgz)" GWS_SIMULATOR_JAR="$(CURDIR)/$(JAR)" npm test --silent --prefix tests/interop

.PHONY: clean
clean: ## Remove all build output (the tools in .tools stay)
	rm -rf target tests/fuzz/target $(SIMULATOR)/target tests/interop/java/cometd-*/target pkg-template/dist pkg-template/*.tgz

.PHONY: build
build:
	@pkg-template/build.sh

.PHONY: setup-build setup-demo setup-test
setup-build setup-demo setup-test: setup-%:
	@$(SETUP) $*

$(JAR): $(SIMULATOR)/pom.xml $(shell find $(SIMULATOR)/src/main -type f 2>/dev/null)
	$(MAVEN) --quiet -DskipTests package
	@touch $@
