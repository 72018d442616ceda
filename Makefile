# What a newcomer and a CI job type. Both targets set up by themselves, from a fresh clone with Python 3.11 or later.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: serve test self-test lint soak clean

serve: $(VENV)/.base
	$(BIN)/mockserver serve

test: $(VENV)/.all lint
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -n 2
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

# The judge against every offence of the mock, at full depth: a few minutes.
self-test: $(VENV)/.all
	$(BIN)/mockserver self-test

lint: $(VENV)/.all
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Ten minutes of everything at once, by hand: no wrong answer, nothing left behind.
soak: $(VENV)/.all
	$(BIN)/python -m tests.benchmarks.soak

# The versions that the tests passed with; a plain `pip install .` takes any that the package admits.
$(VENV)/.base: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable .
	touch $@

$(VENV)/.all: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[all]'
	touch $@

clean:
	rm -rf $(VENV) build dist .coverage* .pytest_cache .mypy_cache .ruff_cache .hypothesis tests/clients/node_modules
