# `make run` starts the playground, `make test` checks everything, `make bench` measures. All of
# them set up .venv first, and install again only when the lists of dependencies change; tests
# run with the versions in requirements.lock, which `make lock` renews. What checks the page's
# scripts is npm's, by package-lock.json; Node itself comes from .venv. All paths are relative:
# make splits names on spaces, and the checkout's own path may hold one.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
NODE := $(BIN)/node
BIOME := $(NODE) node_modules/@biomejs/biome/bin/biome
TSC := $(NODE) node_modules/typescript/bin/tsc

# File by file in three processes, which wait for servers half of their time, the long files first.
SIDE_BY_SIDE := --numprocesses 3 --dist loadfile --no-loadscope-reorder

.PHONY: run test test-page coverage lint bench lock browser
.DELETE_ON_ERROR:

run: $(VENV)/.installed
	$(BIN)/python app.py

test: lint test-page browser
	$(BIN)/python -m pytest $(SIDE_BY_SIDE)

# The same tests, slower, and which lines none of them runs.
coverage: browser
	$(BIN)/python -m pytest $(SIDE_BY_SIDE) --cov --cov-report=term

# What the page decides by itself, without a browser.
test-page: node_modules/.installed
	$(NODE) --test 'tests/web/*.test.js'

bench: $(VENV)/.installed-dev
	$(BIN)/python -m benchmarks

lint: $(VENV)/.installed-dev node_modules/.installed
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m ruff check .
	$(BIN)/python -m mypy
	$(BIOME) check --error-on-warnings
	$(TSC) --project .
	$(TSC) --project tests/web

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || \
		{ echo "expected Python 3.10 or newer, got: $$($(PYTHON) --version 2>&1); try make PYTHON=python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.txt pyproject.toml setup.py | $(BIN)/python
	$(BIN)/python -m pip install --editable .
	@touch $@

$(VENV)/.installed-dev: requirements.txt requirements.lock pyproject.toml setup.py | $(BIN)/python
	$(BIN)/python -m pip install --constraint requirements.lock --editable '.[dev]'
	@touch $@ $(VENV)/.installed

node_modules/.installed: package.json package-lock.json .npmrc $(VENV)/.installed-dev
	$(BIN)/npm ci || \
		{ echo "expected to install what package-lock.json lists, got npm's error above: it needs an npm registry"; exit 1; }
	@touch $@

# One that is there, or else one is installed.
browser: $(VENV)/.installed-dev
	@$(BIN)/python -m tests.browser.chrome

# The newest versions that the ranges allow, to be tested before the lock is committed.
lock: | $(BIN)/python
	$(BIN)/python -m pip install --upgrade --upgrade-strategy eager --editable '.[dev]'
	$(BIN)/python -m tests.dependencies > requirements.lock
