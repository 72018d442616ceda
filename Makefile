# What a newcomer and a CI job type. Every target sets up by itself, from a fresh clone with Python 3.11 or later.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# The versions that the tests passed with. `make install CONSTRAINTS=` takes the newest that the package admits.
CONSTRAINTS ?= constraints.txt
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check $(CONSTRAINTS:%=--constraint %) --editable
# What a target says and does before it works. Debian keeps the module venv in a package of its own.
define set_up
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or later is needed: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@echo "Setting up $(VENV) with what pyproject.toml names, once: about a minute ..."
	@$(PYTHON) -m venv $(VENV) || { echo "On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@$(INSTALL) $(1)
endef
# Debian's packages; the program of nodejs is node. Ubuntu has Chrome from elsewhere, and no package of Chromium.
TOOLS = $(if $(shell command -v google-chrome),,chromium) curl nginx nodejs npm
# Debian keeps nginx where only root's PATH leads.
export PATH := $(PATH)$(if $(findstring /usr/bin,$(PATH)),:/usr/sbin)
AS_ROOT = $(shell [ "$$(id -u)" = 0 ] || echo sudo)
# The rooms that map values to values: their tests need no browser, and few of them start a server.
FAST_TESTS := tests/contract tests/http tests/logs tests/faults tests/mock tests/house/test_architecture.py
# These start servers, Node.js and curl.
FAST_TESTS += --ignore=tests/faults/test_ways_in.py --ignore=tests/faults/test_clients.py

# Playwright runs tests in greenlets. Coverage counts those only where it is told, and then it may loop for ever when a
# thread ends (CPython 3.11, greenlet 3.5), so the many tests with threads run without.
IN_BROWSER := tests/page tests/examples/test_frontend.py tests/examples/test_proxy.py
# Tests to run instead of all.
TESTS ?=

.PHONY: serve install lint test test-fast night self-test offences strangers control laws bounds soak mutants tools clean

serve: $(VENV)/.base
	@$(BIN)/mockserver serve

install: $(VENV)/.all

lint: $(VENV)/.all
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .
	$(BIN)/deptry mockserver --optional-dependencies-dev-groups test

# What must pass before a change lands: lint, every test, full branch coverage. A test whose program is missing is left out.
test: $(VENV)/.all lint
	$(BIN)/coverage erase
	@rm -f .left-out.json
	$(BIN)/coverage run -m pytest -n 2 $(or $(TESTS),$(IN_BROWSER:%=--ignore=%))
	$(if $(TESTS),,$(BIN)/coverage run --concurrency=thread,greenlet -m pytest -n 2 $(IN_BROWSER))
	$(BIN)/coverage combine --quiet
	@$(BIN)/python -m tests.support.tools

# The programs that tests need and pip does not install, with apt-get or Homebrew. Then their packages. Only what is missing
# is asked for: a Node.js from elsewhere brings its npm, and conflicts with Debian's.
tools: $(VENV)/.all
	@missing=; for tool in $(TOOLS); do type $${tool%js} >/dev/null 2>&1 || missing="$$missing $$tool"; done; \
	if [ -z "$$missing" ]; then echo "All of $(TOOLS) are here."; \
	elif type apt-get >/dev/null 2>&1; then $(AS_ROOT) apt-get update -qq && \
	  $(AS_ROOT) apt-get install -y -qq --no-install-recommends $$missing; \
	elif type brew >/dev/null 2>&1; then brew install node curl nginx && brew install --cask google-chrome; \
	else echo "Install these with your system's package manager:$$missing" >&2; exit 1; fi
	$(BIN)/python -m tests.support.node

# What each change needs: under a minute.
test-fast: $(VENV)/.all
	$(BIN)/python -m pytest -n 2 $(FAST_TESTS)

# What is too long for each change: the whole sets of which `make test` takes samples, about two hours.
night: offences strangers control laws bounds soak mutants

# The judge against a sample of the mock's offences, at full depth, in which any two values of a product meet: a quarter
# of an hour.
self-test: $(VENV)/.all
	$(BIN)/mockserver self-test

# The same with every offence: an hour.
offences: $(VENV)/.all
	$(BIN)/mockserver self-test --all

# The judge against servers that were written without a look at it, at both depths: some minutes.
strangers: $(VENV)/.all
	$(BIN)/python -m tests.strangers

# Schemathesis against the control API, by its description.
control: $(VENV)/.all
	$(BIN)/python -m tests.support.control

# The tests of laws with other examples each time, and ten times as many.
laws: $(VENV)/.all
	$(BIN)/python -m pytest -n 2 -m hypothesis --hypothesis-profile night

# The judge against targets that want to harm it: bounded time, memory and output.
bounds: $(VENV)/.all
	$(BIN)/python -m tests.benchmarks.hostile

# Ten minutes of load with every fault at once: every answer must be right, and no memory, thread or socket may leak.
soak: $(VENV)/.all
	$(BIN)/python -m tests.benchmarks.soak

# Fifty small changes of the package, others each day: fails where no test notices one. MUTANTS="--seed 7 --room judge"
# asks for others.
mutants: $(VENV)/.all
	$(BIN)/python -m tests.mutants $(MUTANTS)

$(VENV)/.base: pyproject.toml constraints.txt
	$(call set_up,.)
	@touch $@

$(VENV)/.all: pyproject.toml constraints.txt tests/clients/package.json
	$(call set_up,'.[all]')
	@$(BIN)/python -m tests.support.node
	@touch $(VENV)/.base $@

clean:
	rm -rf $(VENV) build dist .coverage* .left-out.json .mutants .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	rm -rf tests/clients/node_modules
