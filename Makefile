# Each target makes the virtual environment it needs; a second run installs nothing again.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

.PHONY: help run dashboard test coverage looks pictures alerts lint bench contract conformance audit clean
.PHONY: siege siege-overload siege-slow siege-kill siege-fleet siege-soak siege-fuzz

help:  ## say what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

$(VENV)/run: requirements.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 …")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

$(VENV)/dev: requirements-dev.txt requirements-fleet.txt $(VENV)/run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@

$(VENV)/bench: requirements-bench.txt $(VENV)/dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-bench.txt
	touch $@

run: $(VENV)/run  ## serve on :8000 (metrics on :8001) over the sample catalogue
	exec $(BIN)/python -m service

dashboard: $(VENV)/run  ## watch the local service
	exec $(BIN)/python -m dashboard http://localhost:8000

# The official clients, each in an environment of its own: they want other versions of what the service uses.
.venv-mcp/run: requirements-mcp.txt
	$(PYTHON) -m venv .venv-mcp
	.venv-mcp/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-mcp.txt
	touch $@

.venv-mcp-old/run: requirements-mcp-old.txt
	$(PYTHON) -m venv .venv-mcp-old
	.venv-mcp-old/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-mcp-old.txt
	touch $@

# Compiled files are kept even where the environment forbids it, as in many containers: without them each of the workers
# compiles all tests, and each of the hundreds of processes that tests start compiles the whole service.
test coverage looks: export PYTHONDONTWRITEBYTECODE :=

# More workers than cores: the tests of screens and sockets wait more than they compute.
test: $(VENV)/dev .venv-mcp/run .venv-mcp-old/run  ## run the test suite
	$(BIN)/python -m pytest -n 4 --dist worksteal

coverage: $(VENV)/dev .venv-mcp/run .venv-mcp-old/run  ## run it once more and say what it does not reach
	$(BIN)/python -m pytest -n 4 --dist worksteal --cov=service --cov=scheduler --cov=dashboard --cov=keep_alive --cov-report=term:skip-covered --cov-fail-under=95

looks: $(VENV)/dev  ## approve the pictures of the dashboard as they are drawn now; look at them before
	$(BIN)/python -m pytest tests/dashboard/screens/test_looks.py -n 2 --approve

pictures: $(VENV)/dev  ## draw README's pictures again: the real dashboard over services under load, four minutes
	$(BIN)/python -m tests.pictures

alerts: $(VENV)/run  ## make the rules for Prometheus and the board for Grafana from the alert table
	$(BIN)/python -m tools.prometheus_rules > deploy/prometheus/alerts.yml
	$(BIN)/python -m tools.grafana > deploy/grafana/dashboards/signals.json

lint: $(VENV)/dev  ## check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/bench  ## measure: cached answers beside bare Bottle and FastAPI, each stage, start, ranking, Redis, import
	$(BIN)/python -m tests.bench

contract: $(VENV)/run  ## fuzz the running service against its own OpenAPI document
	test -x .venv-contract/bin/schemathesis || { $(PYTHON) -m venv .venv-contract && \
	  .venv-contract/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-contract.txt; }
	$(BIN)/python -m tests.contract

conformance: $(VENV)/run  ## run the public checks of AdCP and MCP against it; wants npm
	mkdir -p .conformance && cp tools/conformance/package.json .conformance/
	cd .conformance && npm install --silent --no-audit --no-fund
	$(BIN)/python -m tools.conformance

siege: $(VENV)/dev siege-fuzz  ## besiege it with everything below, one after the other: half an hour
	$(BIN)/python -m tests.siege

siege-overload: $(VENV)/dev  ## up to eight times the work that can be done; four minutes, on an idle machine
	$(BIN)/python -m tests.siege overload

siege-slow: $(VENV)/dev  ## slow, silent, flooding and vanishing connections by the thousand; five minutes
	$(BIN)/python -m tests.siege slow

siege-kill: $(VENV)/dev  ## kill -9 in the middle of imports, a hundred times; five minutes
	$(BIN)/python -m tests.siege kill

siege-fleet: $(VENV)/dev  ## three instances behind HAProxy, their Redis killed, frozen, full, flushed; two minutes
	$(BIN)/python -m tests.siege fleet

siege-soak: $(VENV)/dev  ## mixed load for MINUTES=10: memory, threads and descriptors must stay flat
	$(BIN)/python -m tests.siege soak

# Two targets at a time, SECONDS each: six minutes in all.
siege-fuzz: requirements.txt requirements-fuzz.txt  ## fuzz every parser, guided by coverage: SECONDS=60 each, two at once
	test -x .venv-fuzz/fuzz || { $(PYTHON) -m venv .venv-fuzz && \
	  .venv-fuzz/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-fuzz.txt && \
	  ln -s bin/python .venv-fuzz/fuzz; }
	.venv-fuzz/bin/python -m tests.fuzz

audit:  ## ask for known weaknesses of all pinned packages and of what they need; wants the internet
	test -x .venv-audit/audit || { $(PYTHON) -m venv .venv-audit && \
	  .venv-audit/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-audit.txt && \
	  ln -s bin/python .venv-audit/audit; }
	.venv-audit/bin/python -m tests.audit

clean:  ## remove the virtual environment and caches
	rm -rf $(VENV) .venv-contract .venv-fuzz .venv-audit .venv-mcp .venv-mcp-old .conformance .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage
