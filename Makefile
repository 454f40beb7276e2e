# Two commands do all set-up on a fresh machine: `make run` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export DAGSTER_HOME ?= $(CURDIR)/.dagster
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help run dev test long check audit pages bench clean

help:  ## say what each command does
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## (.*)/  make \1|\2/' | column -t -s '|'

RUN_EXTRAS := ui,bigquery,sheets,gemini
TEST_EXTRAS := $(RUN_EXTRAS),dask,test
CHECK_EXTRAS := $(TEST_EXTRAS),check

# uv installs the pinned set in a tenth of the time that pip takes; where it cannot be had or cannot do it, pip does.
define install
	@$(BIN)/python -m uv pip install --quiet --python $(BIN)/python --constraint constraints.txt --editable '.[$(1)]' \
	  2>/dev/null || $(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[$(1)]'
endef

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; name one: make PYTHON=python3.12 run"; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt uv 2>/dev/null || true

$(VENV)/run: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "Installing ..."
	$(call install,$(RUN_EXTRAS))
	@touch $@

$(VENV)/test: $(VENV)/run
	$(call install,$(TEST_EXTRAS))
	@touch $@

$(VENV)/check: $(VENV)/test
	$(call install,$(CHECK_EXTRAS))
	@touch $@

# In a home of somebody's own the settings are theirs: they are written there once and never replaced.
ifeq ($(DAGSTER_HOME),$(CURDIR)/.dagster)
$(DAGSTER_HOME)/dagster.yaml: deploy/dagster.yaml
else
$(DAGSTER_HOME)/dagster.yaml: | deploy/dagster.yaml
endif
	@mkdir -p -m 700 $(DAGSTER_HOME)
	@cp deploy/dagster.yaml $@

run: $(VENV)/run $(DAGSTER_HOME)/dagster.yaml  ## create the environment, segment today's customers, print the segments
	@$(BIN)/segmentation run $(ARGS)

dev: $(VENV)/run $(DAGSTER_HOME)/dagster.yaml  ## open the asset graph in a browser, at http://127.0.0.1:3000
	@PYTHONWARNINGS=ignore::FutureWarning $(BIN)/dagster dev --workspace workspace.yaml --host 127.0.0.1

test: $(VENV)/test  ## run the tests, but for those that live through many nights or wait for the peer
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile -m 'not long' $(ARGS)

long: $(VENV)/test  ## run the tests that live through many nights or wait for the peer
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile -m long $(ARGS)

check: $(VENV)/check  ## lint, types, import rules, SQL, generated pages
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/sqlfluff lint --processes 2 sql
	$(BIN)/python -m segmentation_assets.warehouse.sql.lint
	$(BIN)/python -m segmentation_assets.statements
	$(BIN)/python -m segmentation_assets.pages --check

audit: $(VENV)/run  ## hold the pinned set against the advisories that are published
	@$(BIN)/python .ci/audit.py

pages: $(VENV)/run  ## write the pages that follow from the code: tables, keys of a portfolio
	$(BIN)/python -m segmentation_assets.pages

bench: $(VENV)/test  ## measure against the peers, print the tables of docs/benchmarks.md
	$(BIN)/python -m benchmarks

clean:  ## remove the environment, the warehouse file and Dagster's records
	rm -rf $(VENV) .dagster data build dist .pytest_cache .hypothesis .ruff_cache .mypy_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
