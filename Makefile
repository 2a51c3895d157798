# The two commands of the README are `make run` and `make test`; `make help` lists the others.
PYTHON ?= python3
RUN = .venv/bin/python

.PHONY: help run test test-long audit setup setup-tests demo lint types contracts-test contracts-build contracts-audit contracts-coverage bench soak openapi

help:  ## list the verbs
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | expand -t 18

run: setup  ## set up, start everything, and run the demo on first start
	@$(RUN) -m api.cli up --demo-once $(ARGS)

test: setup-tests  ## set up and run all tests
	@$(RUN) -m pytest -n 4 --dist loadgroup --no-loadscope-reorder $(ARGS)

test-long: setup-tests  ## what is broken, raced and killed on whole installations; every change is run through it too
	@$(RUN) -m pytest -m "long and not soak" -n 4 --dist loadgroup --no-loadscope-reorder $(ARGS)

setup:  ## install everything that running needs
	@$(PYTHON) tools/setup.py

setup-tests:
	@$(PYTHON) tools/setup.py --for-tests

demo: setup  ## start everything in a fresh folder, run the demo, stop; the exit code tells
	@$(RUN) -m api.cli demo --alone $(ARGS)

lint: setup-tests  ## formatting, lint, types, import contracts
	@$(RUN) -m ruff format --check .
	@$(RUN) -m ruff check .
	@.venv/bin/lint-imports
	@$(RUN) -m mypy

types: setup-tests  ## types only
	@$(RUN) -m mypy

contracts-build: setup-tests  ## compile the contracts; write artefacts and Python binding anew
	@$(RUN) contracts/evm/build_artifacts.py

contracts-audit: setup-tests .venv-audit/bin/slither  ## Slither and its ERC-1155 check; environment of its own
	@$(RUN) contracts/evm/audit.py $(ARGS)

.venv-audit/bin/slither: requirements/audit.lock
	@$(PYTHON) -m venv .venv-audit
	@.venv-audit/bin/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements/audit.lock
	@touch $@

contracts-coverage: setup-tests  ## lines and branches that the Forge tests reach; every function of the book
	@$(RUN) contracts/evm/coverage.py

contracts-test: setup-tests  ## Forge tests
	@sh contracts/evm/test.sh

bench: setup-tests  ## list the benchmarks; run one with: make bench NAME=keystore
	@$(RUN) -m bench $(NAME)

soak: setup-tests  ## kill -9 at 50 seeded random moments of the demo; takes long
	@$(RUN) -m pytest -m soak -n 0 --timeout 7200 $(ARGS)

openapi: setup-tests  ## write docs/openapi.json anew
	@$(RUN) -m api.openapi

audit: setup-tests  ## ask the advisory databases about every locked package; needs their network
	@$(RUN) tools/audit.py $(ARGS)
