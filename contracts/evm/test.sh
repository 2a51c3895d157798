#!/bin/sh
# Compare the committed artefacts with the sources, then run the Forge suites, offline, with the workspace's own Forge
# and compiler. With arguments only Forge runs, and they go to `forge test`.
set -eu
here=$(dirname "$(readlink -f "$0")")
modules="$here/../../node_modules"
forge=""
for candidate in "$modules"/@foundry-rs/forge-*/bin/forge; do
  if [ -x "$candidate" ]; then forge=$candidate; fi
done
if [ -z "$forge" ] || [ ! -d "$modules/solc" ] || [ ! -d "$modules/@layerzerolabs/toolbox-foundry" ]; then
  echo "contracts/evm: Forge, solc or forge-std is not installed. Run: npm ci --ignore-scripts --workspaces" >&2
  exit 1
fi
cd "$here"
if [ $# -eq 0 ]; then
  "${PYTHON:-python3}" build_artifacts.py --check
  # The gas of the committed bytecode is a fact, not a measurement: it must not change unseen.
  export FORGE_SNAPSHOT_CHECK=true
fi
export FOUNDRY_DISABLE_NIGHTLY_WARNING=1
exec "$forge" test "$@"
