# What a newcomer and a CI job type. Every target sets up by itself, from a fresh clone with Python 3.11 or later.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# The versions that the tests passed with. `make install CONSTRAINTS=` takes the newest that the package admits.
CONSTRAINTS ?= constraints.txt
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check $(CONSTRAINTS:%=--constraint %) --editable
# The rooms that map values to values: their tests need no browser, and few of them start a server.
FAST_TESTS := tests/contract tests/http tests/logs tests/faults tests/mock tests/house/test_architecture.py
# These start servers, Node.js and curl.
FAST_TESTS += --ignore=tests/faults/test_ways_in.py --ignore=tests/faults/test_clients.py

.PHONY: serve install lint test test-fast night self-test strangers soak clean

serve: $(VENV)/.base
	$(BIN)/mockserver serve

install: $(VENV)/.all

lint: $(VENV)/.all
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .
	$(BIN)/deptry mockserver --optional-dependencies-dev-groups test

# What must pass before a change lands: lint, every test, full branch coverage.
test: $(VENV)/.all lint
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -n 2
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

# What each change needs: under a minute.
test-fast: $(VENV)/.all
	$(BIN)/python -m pytest -n 2 $(FAST_TESTS)

# What is too long for each change: the whole sets of which `make test` takes samples, about half an hour.
night: self-test strangers soak

# The judge against every offence of the mock, at full depth: a few minutes.
self-test: $(VENV)/.all
	$(BIN)/mockserver self-test

# The judge against servers that were written without a look at it, at both depths: some minutes.
strangers: $(VENV)/.all
	$(BIN)/python -m tests.strangers

# Ten minutes of load with every fault at once: every answer must be right, and no memory, thread or socket may leak.
soak: $(VENV)/.all
	$(BIN)/python -m tests.benchmarks.soak

$(VENV)/.base: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) .
	touch $@

$(VENV)/.all: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) '.[all]'
	touch $@

clean:
	rm -rf $(VENV) build dist .coverage* .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	rm -rf tests/clients/node_modules
