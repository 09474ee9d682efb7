# Everything sets itself up: a virtual environment, the pinned packages and, where root or sudo allows, Apertium.

PYTHON ?= python3.11
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
STORE  ?= silverspan-store

.PHONY: help setup demo test check e2e fuzz bench ui clean

help:
	@echo "make demo    set up, then build, train and report on the embedded sample"
	@echo "make test    set up, then lint, types, import rules and the test suite"
	@echo "make ui      the Prefect UI on the runs made so far (http://127.0.0.1:4200)"
	@echo "make check   only lint, types and import rules;   make clean removes the environment"
	@echo "make e2e     end-to-end tests, in a browser too;   make fuzz, make bench: the long ones"

setup: $(READY)

$(READY): pyproject.toml deploy/constraints.txt deploy/setup.sh
	PYTHON="$(PYTHON)" VENV="$(VENV)" bash deploy/setup.sh
	@touch $@

demo: $(READY)
	$(BIN)/silverspan demo --store "$(STORE)"

test: $(READY) check
	$(BIN)/pytest -n 2 -m "not slow and not fuzz"

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

e2e: $(READY)
	bash deploy/setup-browser.sh
	$(BIN)/pytest -m slow

fuzz: $(READY)
	$(BIN)/pytest -m fuzz --hypothesis-profile explore

bench: $(READY)
	$(BIN)/python -m tests.benchmarks.projection
	$(BIN)/python -m tests.benchmarks.marking
	$(BIN)/python -m tests.benchmarks.alignment ../shared/data/xquad
	$(BIN)/python -m tests.benchmarks.memory
	$(BIN)/python -m tests.benchmarks.local_engines
	$(BIN)/python -m tests.benchmarks.features $(if $(PEER),--peer $(PEER))
	$(BIN)/python -m tests.benchmarks.postprocessing $(if $(PEER),--peer $(PEER))
	$(BIN)/python -m tests.benchmarks.training_step $(if $(PEER),--peer $(PEER))
	$(BIN)/python -m tests.benchmarks.scoring
	$(BIN)/python -m tests.benchmarks.full_size --scale 0.1

ui: $(READY)
	PREFECT_SERVER_ANALYTICS_ENABLED=false $(BIN)/prefect server start

clean:
	rm -rf $(VENV) build *.egg-info
