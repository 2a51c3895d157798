#!/bin/sh
# Ask the advisory databases of PyPI and npm about every locked package. Exit code 1: something is known to be wrong;
# 2: a database could not be asked, which says nothing about the packages.
set -u
cd "$(dirname "$0")/.."
worst=0
for lock in requirements/run.lock requirements/dev.lock; do
  echo "== $lock"
  .venv-advisories/bin/pip-audit --requirement "$lock" --disable-pip --progress-spinner off
  case $? in
    0) ;;
    1) if [ "$worst" -ne 1 ]; then worst=1; fi ;;
    *) if [ "$worst" -eq 0 ]; then worst=2; fi ;;
  esac
done
echo "== package-lock.json"
npm audit --audit-level=moderate || { [ "$worst" -eq 1 ] || worst=1; }
exit "$worst"
