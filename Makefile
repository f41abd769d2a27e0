# Every target sets up .venv by itself; a second run starts at once.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check
OUT    ?= out
# The demo's and the tests' extra arguments, as in: make test ARGS="-k studio"
ARGS   ?=

.PHONY: demo test lint wheel test-wheel setup clean help

help:
	@echo "make demo | test | lint | wheel | clean"

demo: $(VENV)/.runtime
	$(BIN)/playreel demo --out $(OUT) $(ARGS)

test: $(VENV)/.dev
	$(BIN)/python -m pytest $(ARGS)

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/python .ci/check_files.py

wheel: $(VENV)/.dev
	rm -rf build/wheel build/labextension
	$(PIP) wheel --quiet --no-deps --no-build-isolation --wheel-dir build/wheel .
	@ls -l build/wheel

test-wheel: $(VENV)/.dev
	$(BIN)/python -m pytest -m wheel $(ARGS)

setup: $(VENV)/.dev

# Stamps: set-up is done again only when what it depends on changed.
$(VENV)/.python:
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "Cannot make $(VENV): needs Python 3.11 or newer with its venv module (on Debian: python3-venv)." >&2; exit 1; }
	$(PIP) install --quiet --upgrade --constraint constraints.txt pip
	touch $@

# torch by itself first: with it there, nothing below asks for another build of it.
$(VENV)/.runtime: $(VENV)/.python pyproject.toml constraints.txt
	$(PIP) install --quiet --constraint constraints.txt torch hatchling editables
	$(PIP) install --quiet --constraint constraints.txt --no-build-isolation --editable .
	touch $@

$(VENV)/.dev: $(VENV)/.runtime
	$(PIP) install --quiet --constraint constraints.txt --group dev
	touch $@

clean:
	rm -rf $(VENV) build dist out .pytest_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -not -path './.git/*' -exec rm -rf {} +
