# Every target except clean creates the virtual environment .venv if it does not exist.
PYTHON ?= python3
PYTHONS := 3.11 3.12 3.13
VENV := .venv
RUN := $(VENV)/bin/python
READY := $(VENV)/.ready
DOCS_READY := $(VENV)/.ready-docs
PYTEST := $(RUN) -m pytest --numprocesses 2 --dist worksteal
INSTALL := $(RUN) -m pip install --quiet --disable-pip-version-check --editable
VERSION = $(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)

.PHONY: train test test-slow test-all coverage lint types docs bench clean

train: $(READY)
	$(RUN) train/vaegan.py

test: $(READY)
	$(PYTEST) -m "not slow"

test-slow: $(READY)
	$(PYTEST) -m slow

test-all: $(READY)
	$(PYTEST)

coverage: $(READY)
	$(PYTEST) -m "not slow" --cov --cov-report term:skip-covered

lint: $(READY)
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .

types: $(READY)
	$(VENV)/bin/pyright

docs: $(DOCS_READY)
	$(RUN) -m sphinx --builder html --fail-on-warning --keep-going --quiet docs docs/_build/html

bench: $(READY)
	$(RUN) benchmarks/compare.py

$(READY): requirements.txt pyproject.toml
	$(if $(or $(wildcard $(RUN)),$(filter $(PYTHONS),$(VERSION))),,$(error '$(PYTHON)' is $(if $(VERSION),Python $(VERSION),not a Python interpreter), but \
	tfgan_models needs Python 3.11, 3.12 or 3.13. Name such an interpreter: make PYTHON=python3.12 $(or $(MAKECMDGOALS),train)))
	test -x $(RUN) || $(PYTHON) -m venv $(VENV)
	$(INSTALL) '.[dev]'
	touch $(READY)

$(DOCS_READY): $(READY)
	$(INSTALL) '.[docs]'
	touch $(DOCS_READY)

clean:
	rm -rf $(VENV) docs/_build docs/api
