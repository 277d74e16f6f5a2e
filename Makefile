# Prometheus: the developer's and the newcomer's commands. Each is one script of dev/; `make help` lists them.
SHELL := bash
.DEFAULT_GOAL := help
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory
ARGS ?=
PREFIX ?= /usr/local
DESTDIR ?=
FUZZ_SECONDS ?= 60

.PHONY: help
help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: build ## Install what is missing, build the product, start the paper replay (ARGS="--speed max")
	@exec build/release/promtrade run --replay $(ARGS)

.PHONY: build
build: ## Install what is missing, build the product only: build/release/promtrade
	@dev/install_packages.sh run
	@dev/build.sh release promtrade

.PHONY: test
test: ## Everything CI runs: tests, sanitizers, fuzz smoke, lints; ends with a summary line
	@dev/test.sh

.PHONY: tidy
tidy: ## All lints on all files: dev/tidy.py, clang-tidy, headers that must compile alone (long)
	@dev/test.sh --full lints format clang-tidy

.PHONY: asan
asan: ## Unit tests under AddressSanitizer and UndefinedBehaviorSanitizer
	@dev/test.sh --full asan

.PHONY: tsan
tsan: ## All unit tests under ThreadSanitizer
	@dev/test.sh --full tsan

.PHONY: fuzz
fuzz: ## Each fuzz target for FUZZ_SECONDS (60)
	@dev/test.sh --full --fuzz-seconds $(FUZZ_SECONDS) fuzz

.PHONY: soak
soak: ## Tests labelled soak: hours of simulated or real time
	@dev/test.sh --full soak

.PHONY: bench
bench: ## Benches of a release build; results in build/bench/
	@dev/bench.sh

.PHONY: bench-large
bench-large: ## Benches with the large data sets too
	@PROM_BENCH_LARGE=1 dev/bench.sh

.PHONY: profile
profile: ## Record anew by what a release optimises the engine: cmake/hot.profdata
	@dev/install_packages.sh test
	@dev/record_profile.py

.PHONY: format
format: ## Rewrite C++ files with clang-format
	@dev/install_packages.sh test
	@git ls-files -co --exclude-standard '*.h' '*.cpp' | grep -v '/vendor/' | xargs -r clang-format-19 -i

.PHONY: docs
docs: build ## Command-line help, completion and man page into build/docs; checks README commands and links
	@dev/docs.sh

.PHONY: install
install: ## Install a built product to PREFIX (/usr/local), staged under DESTDIR
	@dev/install.sh "$(DESTDIR)$(PREFIX)"

.PHONY: clean
clean: ## Remove build/ (state and data of runs live elsewhere and stay)
	@rm -rf build
