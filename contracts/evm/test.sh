#!/bin/sh
# Run the Forge suites offline with the workspace's own Forge and compiler. Arguments go to `forge test`.
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
export FOUNDRY_DISABLE_NIGHTLY_WARNING=1
exec "$forge" test "$@"
