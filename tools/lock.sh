#!/bin/sh
# Resolve the dependencies of pyproject.toml anew into the hashed locks. No index address is written.
set -eu
cd "$(dirname "$0")/.."
lock() { .venv/bin/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --quiet "$@"; }
lock --group build --group dev -o requirements/dev.lock
lock --group build -c requirements/dev.lock -o requirements/run.lock
