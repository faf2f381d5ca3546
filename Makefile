# Tiercare: what can be done here. `make` alone lists it.
# On a fresh Debian or Ubuntu: `make run` serves the platform, `make test` runs the whole suite.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup run stop test check bench soak screenshots fix generated messages

PORT ?= 8000
BIN := .venv/bin

help:          ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' Makefile

setup:         ## virtual environment, locked dependencies, front-end assets; every other target starts with it
	@PYTHON="$(PYTHON)" sh tools/setup.sh

run: setup     ## serve the platform with one region's data: REGION=wuhu PORT=8000 DETACH=1
	@exec $(BIN)/tiercare serve --port "$(PORT)" $(if $(REGION),--region "$(REGION)") $(if $(DETACH),--detach)

stop:          ## end what `make run` started
	@if [ -x $(BIN)/tiercare ]; then exec $(BIN)/tiercare stop; else echo "没有在运行。 Nothing is running."; fi

test: setup    ## the whole test suite: DB=system on Debian's own PostgreSQL 15, ARGS="-k network" a part of it
	@exec $(BIN)/python tools/test.py --database "$(or $(DB),embedded)" -- $(ARGS)

check: setup   ## lint, types, layers, migrations, generated documents, hazards, translations; needs no database
	@exec $(BIN)/python tools/check.py

fix: setup     ## let ruff format the code and mend what it can
	@$(BIN)/ruff check --fix . ; exec $(BIN)/ruff format .

generated: setup ## write docs/generated anew from the code
	@exec $(BIN)/python tools/generated.py --write

messages: setup ## add new sentences to the English catalogue, to be translated there
	@exec $(BIN)/python tools/messages.py --write

bench: setup   ## one benchmark: B=name; without B the list of them
	@exec $(BIN)/python tools/bench.py $(if $(B),"$(B)") $(ARGS)

soak: setup    ## the long version of every benchmark that has one: hours, not minutes
	@exec $(BIN)/python tools/bench.py --soak $(if $(B),"$(B)") $(ARGS)

screenshots: setup ## pictures of every page, wide and narrow, in both languages, into screenshots/
	@exec $(BIN)/python tools/screenshots.py $(ARGS)
