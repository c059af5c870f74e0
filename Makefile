# What people and machines type. `make help` lists it.
#
# Everything is installed into .venv, from uv.lock. Programs of the system
# (PostgreSQL and MariaDB, for the tests only) come from the distribution's
# packages: tools/install-system.sh installs them as root and names them otherwise.

PYTHON ?= python3
UV_VERSION := 0.13.9
WORKERS ?= 4
ARGS ?=
# The tests of the core wait for nothing: a worker more than there are cores only costs.
CORES ?= $(shell nproc 2>/dev/null || echo 2)

BIN := .venv/bin
BENCHES := rights sweep start site discover
# `make bench BENCH=` measures at the published sizes.
BENCH ?= --quick

# Another environment, of the shell or of an editor, must not leak into ours.
unexport VIRTUAL_ENV
unexport PYTHONPATH
unexport PYTHONHOME
# Without what is compiled once, each of the hundreds of processes of the tests compiles all it imports.
unexport PYTHONDONTWRITEBYTECODE
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export UV_PROJECT_ENVIRONMENT := .venv
export UV_PYTHON_DOWNLOADS := never

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help demo test unit lint types docs banner bench install servers clean FORCE

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

demo: .venv/.synced ## two invented publishers, their sites and mail, until Ctrl-C (CHECK=1: tell the story and end)
	@$(BIN)/troth demo $(if $(filter-out 0,$(CHECK)),--check) $(ARGS)

test: servers .venv/.synced ## all tests, on SQLite, PostgreSQL and MariaDB
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

unit: .venv/.synced ## the tests of the core only: seconds, no server, a third of the drawn examples
	@HYPOTHESIS_PROFILE=$${HYPOTHESIS_PROFILE:-quick} $(BIN)/python -m pytest -q -n $(CORES) --dist worksteal -p no:schemathesis tests/core -m "not slow" $(ARGS)

lint: .venv/.synced types ## style, layers, types and the rules of the house
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports
	@$(BIN)/python tools/house.py

types: .venv/.synced ## mypy, strict
	@$(BIN)/mypy

docs: .venv/.synced ## write what is made from the code: the schema, the references of policy, law and command line
	@$(BIN)/python tools/policy_reference.py
	@$(BIN)/python tools/law_reference.py
	@$(BIN)/python tools/check_reference.py
	@$(BIN)/python tools/services.py
	@$(BIN)/python tools/docs.py

banner: ## make the consent banner's script from banner/ (needs Node.js; what it makes is committed)
	@cd banner && npm ci --silent --no-audit --no-fund && node build.mjs

bench: servers .venv/.synced ## measure the published figures again, at a small size (BENCH= for the whole, many minutes)
	@set -e; for name in $(BENCHES); do $(BIN)/python bench/$$name.py $(BENCH) $(ARGS); done
	@$(BIN)/python bench/ledger.py $(if $(BENCH),100000)

install: servers .venv/.synced ## everything the other targets need

clean: ## remove what make made; never a troth-state folder
	rm -rf .venv .demo .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
	find src tests tools bench -name __pycache__ -type d -prune -exec rm -rf {} +

servers:
	@PYTHON='$(PYTHON)' tools/install-system.sh servers

# A virtual environment does not survive a move: the stamp says where it was made.
MADE := $(CURDIR), uv $(UV_VERSION)
ifneq ($(shell cat .venv/.made 2>/dev/null),$(MADE))
.venv/.made: FORCE
endif

.venv/.made:
	@$(PYTHON) -c 'import sys; sys.exit("make: Python 3.11 or newer is needed; name one with PYTHON=…" if sys.version_info < (3, 11) else 0)'
	@PYTHON='$(PYTHON)' tools/install-system.sh venv
	@if [ -e $@ ] || ! $(BIN)/python -c '' 2>/dev/null; then rm -rf .venv; fi
	@[ -x $(BIN)/pip ] || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet uv==$(UV_VERSION)
	@printf '%s\n' '$(MADE)' >$@

# Not exact: uv itself lives in the environment that it fills.
.venv/.synced: .venv/.made uv.lock pyproject.toml
	@$(BIN)/uv sync --frozen --inexact
	@touch $@
