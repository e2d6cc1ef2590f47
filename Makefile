# `make demo` and `make test` need nothing but Python 3.11 or later; `make help` lists the rest.

PYTHON = python3
VENV = .venv
BIN = $(VENV)/bin
READY = $(VENV)/.ready
# More options for pytest: make test TESTS='tests/document -k comment'
TESTS =

.PHONY: help demo test lint types format workflows locks binary npm wheel-check hook-check binary-check windows bench clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' Makefile | while IFS='	' read -r name text; do printf '  make %-12s %s\n' "$$name" "$$text"; done

demo: $(READY) ## the whole loop on this machine, from an empty folder to a probed key
	@$(BIN)/mcapp demo

test: $(READY) sarif-schema ## run every test, on all cores
	$(BIN)/python -m pytest -n auto --dist worksteal $(TESTS)

lint: $(READY) ## ruff: rules and layout
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY) ## mypy --strict, for Linux, Windows and macOS
	printf '%s\n' linux win32 darwin | xargs -P 3 -I SYSTEM $(BIN)/mypy --platform SYSTEM --cache-dir .mypy_cache/SYSTEM

format: $(READY) ## lay out the code, fix what ruff can fix
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

workflows: $(READY) ## look for mistakes in the workflows and the action; no network
	$(BIN)/zizmor --quiet --offline --strict-collection --persona=pedantic .
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml

locks: $(READY) ## write the lock files in .github/ anew, from PyPI
	for lock in 'requirements.txt' 'build-requirements.txt --extra build' 'dev-requirements.txt --extra dev'; do \
		set -- $$lock; file=.github/$$1; shift; \
		$(BIN)/uv pip compile pyproject.toml "$$@" --universal --python-version 3.11 --generate-hashes --quiet --upgrade \
			--no-emit-index-url --custom-compile-command 'make locks' --output-file $$file; \
	done

binary: $(READY) ## the folder that needs no Python, for this system, and its archive: dist/
	@$(BIN)/python .ci/binary.py dist

npm: binary ## the npm packages: dist/*.tgz
	@$(BIN)/python .ci/npm.py dist

wheel-check: $(READY) ## build the wheel, install it elsewhere, run it there
	@bash .ci/wheel-check $(BIN)/python

hook-check: $(READY) ## run the pre-commit hook and the action's steps as a user's machine would
	@bash .ci/hook-check $(BIN)/pre-commit
	@$(BIN)/python .ci/action_check.py

binary-check: $(READY) ## build both elsewhere, install them, compare them with the virtual environment's
	@bash .ci/binary-check $(BIN)/python

windows: $(READY) ## the tests that Windows' own Python can run, under Wine: some minutes
	@bash .ci/windows $(BIN)/python $(TESTS)

bench: $(READY) ## measure the speed of the built wheel against its limits
	@$(BIN)/python -m tests.benchmarks

clean: ## remove everything that make has made
	rm -rf $(VENV) .benchmarks build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamp depends on what is installed; the code itself is installed in place and needs no second run.
$(READY): pyproject.toml .github/dev-requirements.txt
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("mcapp needs Python 3.11 or later; $(PYTHON) is " + sys.version.split()[0] + ". Name another: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement .github/dev-requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(READY)

# The official SARIF schema, for one test. npm has it in a package; without npm that test is skipped (in CI it fails).
.PHONY: sarif-schema
sarif-schema: $(READY)
	@package=@microsoft/jest-sarif@1.0.0-beta.0; place=$(VENV)/share/node; \
	if [ -d $$place/node_modules/@microsoft/jest-sarif ] || ! command -v npm >/dev/null 2>&1; then exit 0; fi; \
	mkdir -p $$place; \
	npm install --prefix $$place --silent --no-audit --no-fund --ignore-scripts $$package >/dev/null 2>&1 \
		|| echo "npm could not install $$package: the test against the official SARIF schema cannot run"
