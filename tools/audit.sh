#!/bin/sh
# Ask the advisory databases of PyPI and npm about every locked package. Exit code 1: something is known to be wrong, or
# a database could not be asked about some package, which must not pass for an answer (--strict).
set -u
cd "$(dirname "$0")/.."
worst=0
for lock in requirements/run.lock requirements/dev.lock; do
  echo "== $lock"
  .venv-advisories/bin/pip-audit --requirement "$lock" --disable-pip --strict --progress-spinner off || worst=1
done
echo "== package-lock.json"
npm audit --audit-level=moderate || worst=1
exit "$worst"
