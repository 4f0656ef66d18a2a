# `make run` starts the playground, `make test` checks everything, `make bench` measures. All of
# them set up .venv first, and install again only when the lists of dependencies change; tests
# run with the versions in requirements.lock, which `make lock` renews. All paths are relative:
# make splits names on spaces, and the checkout's own path may hold one.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test lint bench lock
.DELETE_ON_ERROR:

run: $(VENV)/.installed
	$(BIN)/python app.py

test: lint
	$(BIN)/python -m pytest --cov --cov-report=term

bench: $(VENV)/.installed-dev
	$(BIN)/python -m benchmarks

lint: $(VENV)/.installed-dev
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m ruff check .
	$(BIN)/python -m mypy

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

# The newest versions that the ranges allow, to be tested before the lock is committed.
lock: | $(BIN)/python
	$(BIN)/python -m pip install --upgrade --upgrade-strategy eager --editable '.[dev]'
	$(BIN)/python -m tests.dependencies > requirements.lock
