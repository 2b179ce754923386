# Each target works alone on a fresh clone. Needs Python >= 3.11, Java >= 17 and Maven, and says so where one is missing.

BIN := .venv/bin
PYTHON := $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$p && break; done)

# Random histories of the handover's rules, and of a whole county that dies at any step: `make faults HISTORIES=100000`.
HISTORIES = 1900
COUNTIES = 150
RANDOM := $(BIN)/python -m pytest -q -n 2 tests/handover/test_random_histories.py tests/doors/test_random_counties.py

.DEFAULT_GOAL := help
.PHONY: help demo test check up bench faults clean jars

help:
	@echo "make demo     show a county, its teams and providers at work, from nothing"
	@echo "make test     the proof: check, then every test that needs a real broker"
	@echo "make check    lint, types, floors and the fast tests, in two or three minutes"
	@echo "make up       run the whole system on this machine"
	@echo "make bench    measure it"
	@echo "make faults   the long campaigns of kills and restarts"
	@echo "make clean    remove what these made here: environment, caches, data"

demo: jars
	$(BIN)/sis demo

up: jars
	$(BIN)/sis up

test: check jars
	SIS_HISTORIES=$(HISTORIES) SIS_COUNTIES=$(COUNTIES) $(RANDOM)
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "kafka and not faults"

check: .venv/made
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m services.cli schemas check
	$(BIN)/python -m pytest -q -n 2 -m "not kafka and not faults"

bench: jars
	$(BIN)/python -m benchmarks

faults: HISTORIES = 20000
faults: COUNTIES = 2000
faults: jars
	SIS_HISTORIES=$(HISTORIES) SIS_COUNTIES=$(COUNTIES) $(RANDOM)
	$(BIN)/python -m pytest -m faults

jars: .venv/made
	@$(BIN)/python -m services.stack.jars >/dev/null

# The environment is made again when the lock changes; the stamp is its last step, so half an environment is not one.
.venv/made: requirements/dev.txt pyproject.toml
ifeq ($(PYTHON),)
	@echo "Python 3.11 or later is missing. Install it: sudo apt-get install python3 python3-venv" >&2; exit 1
endif
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

clean:
	rm -rf .venv .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache data dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
