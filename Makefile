# quoteline: `make run` does the main job, `make test` proves it. Everything lands in .venv and corpus/.
PYTHON ?= python3
BIN = .venv/bin

.PHONY: run test venv check quality bench-extract bench-translate bench-quotes bench-link calibrate bench-outside clean

run: venv
	$(BIN)/quoteline demo

test: .venv/.test
	$(BIN)/pytest

check: .venv/.test
	$(BIN)/ruff check ingest align tests seeds
	$(BIN)/mypy
	$(BIN)/pytest tests/test_house.py

quality: .venv/.test
	$(BIN)/python -m tests.quality

# Extraction beside its peers; SETS is the folder with the public data sets (tests/bench/README.md).
bench-extract: .venv-bench/.done
	.venv-bench/bin/python -m tests.bench.extraction $(SETS)

# Translation beside argostranslate's own API and bare CTranslate2, with a random package of the true size.
bench-translate: .venv/.test
	$(BIN)/python -m tests.bench.translation

# Linking a growing corpus: seconds, memory, time a new mention; ARGS are the numbers of mentions.
bench-link: .venv/.test
	$(BIN)/python -m tests.bench.linking $(ARGS)

# Learns the weights of align/compare/calibration.toml, and prints what they are worth on pairs that were left out.
calibrate: .venv/.test
	$(BIN)/python -m tests.bench.calibrate

# Quotations on PolNeAR beside their peers, and their speed; POLNEAR is the folder of that set (tests/bench/README.md).
bench-quotes: .venv-quotes/.done
	.venv-quotes/bin/python -m tests.bench.quotations $(POLNEAR) $(ARGS)

# Comparison of statements on public pairs and translations; SETS is the folder with the sets (tests/bench/README.md).
bench-outside: .venv/.test
	$(BIN)/python -m tests.bench.outside $(SETS) $(ARGS)

.venv-quotes/.done: tests/bench/quotations-requirements.txt constraints.txt
	$(PYTHON) -m venv .venv-quotes
	.venv-quotes/bin/pip install --quiet --disable-pip-version-check -c constraints.txt -e . -r $<
	@touch $@

.venv-bench/.done: tests/bench/requirements.txt constraints.txt
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/pip install --quiet --disable-pip-version-check -c constraints.txt -e . -r tests/bench/requirements.txt
	@touch $@

venv: .venv/.run

.venv/.run: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

.venv/.test: .venv/.run
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
	@touch $@

clean:
	rm -rf .venv corpus/demo
