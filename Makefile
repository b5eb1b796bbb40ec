# Onsale's commands. `make` alone lists them.
#
# The work is done by Meson, npm and the programs in tools/; this file only says in which order.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: help run run-phone build web test bench check analyze fuzz coverage mutants clean lockstep sim

LISTEN ?= 127.0.0.1:8080
DATA ?= data/demo
SECONDS_EACH ?= 60
COMMANDS ?= 10000000
SEED ?= 1
SEEDS ?= 200
FROM ?= 1
JOBS ?= $(shell nproc)
WEB_SOURCES := $(shell find web api -type f -not -path '*/node_modules/*' -not -path 'web/dist/*' \
    -not -path '*/generated/*')

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1 \2/p' Makefile | awk '{printf "  make %-9s %s\n", $$2, substr($$0, index($$0, $$3))}'

run: build ## install what is missing, build, and start the demo on http://127.0.0.1:8080 (LISTEN=, DATA=)
	@exec build/onsale demo --data $(DATA) --listen $(LISTEN)

run-phone: ## the same on a phone in the same network, over HTTPS: shows a QR code (HOST=, PORT=)
	@tools/setup phone
	@$(MAKE) build
	@exec tools/run-phone

build: ## the program build/onsale and the web pages web/dist
	@tools/setup run
	@$(MAKE) web/dist/index.html build/build.ninja
	@ninja -C build onsale layers.stamp

web: ## only the web pages
	@tools/setup run
	@$(MAKE) web/dist/index.html

web/dist/index.html: $(WEB_SOURCES)
	@cd web && npm run --silent build
	@touch $@

build/build.ninja:
	@meson setup build

build-asan/build.ninja:
	@meson setup build-asan -Db_sanitize=address,undefined -Db_lundef=false

test: ## every test: unit tests under sanitizers, contract, web, end to end (ONLY="rush kill" for some)
	@tools/setup test
	@$(MAKE) build build-asan/build.ninja
	@tools/test $(ONLY)

check: ## format, lint, who includes whom, purity of the machines, contract, types (ONLY="format lint")
	@tools/setup check
	@$(MAKE) build/build.ninja
	@ninja -C build --quiet
	@tools/check $(ONLY)

sim: build/build.ninja ## simulated on-sales with every kind of fault (SEEDS=200, FROM=1); a failure is one command to replay
	@tools/setup test
	@ninja -C build --quiet tests/sim/onsale-sim
	@build/tests/sim/onsale-sim --seeds $(SEEDS) --from $(FROM) --jobs $(JOBS)

lockstep: build/build.ninja ## the booking machine beside its naive model, 10 million random commands (COMMANDS=, SEED=)
	@tools/setup test
	@ninja -C build --quiet tests/model/onsale-lockstep
	@build/tests/model/onsale-lockstep $(COMMANDS) $(SEED)

analyze: ## gcc's own static analysis of the whole program; slow
	@tools/setup run
	@[ -f build-analyze/build.ninja ] || meson setup build-analyze -Dc_args=-fanalyzer -Dwerror=false
	@ninja -C build-analyze onsale

bench: ## what the demo's machine can do, beside nginx (see bench/)
	@tools/setup bench
	@$(MAKE) build
	@bench/holds

fuzz: ## the parsers, with bytes nobody would send on purpose (SECONDS_EACH=60)
	@tools/setup fuzz
	@tests/fuzz/run.sh $(SECONDS_EACH)

mutants: ## plants bugs and sees whether the simulator finds each (NAMES="late_success_sells ...")
	@tools/setup test
	@tests/mutants/run $(NAMES)

coverage: ## how much of the booking machine the unit tests reach
	@tools/setup check
	@tools/coverage

clean: ## remove what was built; keeps data/ and node_modules/
	@rm -rf build build-asan build-coverage build-analyze build-fuzz build-mutants web/dist
