# Everything that a machine with Python 3.11 or newer and make needs: `make help` lists it.
# Another Python: `make run PYTHON=python3.12`.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
# With a token the bot runs in Telegram; without one, the same conversation in the terminal.
MODE := $(if $(TELEGRAM_BOT_TOKEN)$(shell grep -sE '^ *TELEGRAM_BOT_TOKEN *=.*[^ ]' .env),run,chat)

.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: help run test format clean bench-telegram bench-operations bench-news

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-15s%s\n", $$1, $$2 }' Makefile

run: $(VENV)/.installed ## run the bot in Telegram; without a token, open the conversation here
	@[ "$(MODE)" = run ] || echo "For the bot in Telegram: write /newbot to @BotFather, put" \
	    "TELEGRAM_BOT_TOKEN=... into .env, and make run again. Here is the conversation alone:" >&2
	@$(BIN)/csto-bot $(MODE)

test: $(VENV)/.installed-test ## lint, types, the import contract, the knowledge and all tests
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/csto-bot check
	$(BIN)/pytest --numprocesses=auto --dist=worksteal

bench-telegram: $(VENV)/.installed-test ## measure the bot in Telegram against a plain echo bot
	$(BIN)/python -m tests.bench_telegram

bench-news: $(VENV)/.installed-test ## measure announcements: speed, kills, faults, size
	$(BIN)/python -m tests.bench_news

bench-operations: $(VENV)/.installed-test ## measure webhook, several processes, outages and backups
	@$(PIP) --editable '.[test,bench]' </dev/null
	$(BIN)/python -m tests.bench_operations

format: $(VENV)/.installed-test ## format the code, and mend what ruff can mend
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

clean: ## remove .venv, caches and built packages
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find bot tests -name __pycache__ -type d -prune -exec rm -rf {} +

# A virtual environment holds absolute paths: one that was moved or copied, or whose Python is
# gone, is made again.
ifeq ($(shell test -x $(BIN)/python && grep -sF "$(CURDIR)/$(BIN)/" $(BIN)/pip),)
.PHONY: $(BIN)/pip
endif

$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	    echo "Python 3.11 or newer is needed, and $(PYTHON) is $$($(PYTHON) --version 2>/dev/null || echo 'not there')." >&2; \
	    echo "Install it, or name it: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	    echo "$(PYTHON) cannot make virtual environments: its modules venv and ensurepip are missing." >&2; \
	    echo "On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@echo "Setting up $(VENV), once ..." >&2
	@$(PYTHON) -m venv --clear $(VENV) </dev/null

# Standard input belongs to the conversation, so nothing here may read it.
$(VENV)/.installed: $(BIN)/pip pyproject.toml constraints.txt
	@$(PIP) --editable . </dev/null
	@touch $@

$(VENV)/.installed-test: $(BIN)/pip pyproject.toml constraints.txt
	@$(PIP) --editable '.[test]' </dev/null
	@touch $(VENV)/.installed $@
