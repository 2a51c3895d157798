"""Run Slither over what is shipped: no finding of high or medium impact, and ERC-1155 as the standard has it.

Slither has an environment of its own (`requirements/audit.lock`), because its dependencies are not ours. It gets the
same sources as `build_artifacts.py` gives the compiler, unoptimised, so that tests stay out of it.
A finding that is not one is argued where it stands: `// slither-disable-next-line name` under the reason.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import build_artifacts

ENVIRONMENT = Path(os.environ.get("QUANBAO_SLITHER", build_artifacts.HERE.parents[1] / ".venv-audit"))
BOOK = "src/VoucherBook.sol"
MEND = "make contracts-audit"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", action="store_true", help="show findings of low impact and hints as well")
    everything: bool = parser.parse_args().all
    slither = ENVIRONMENT / "bin" / "slither"
    if not slither.exists():
        sys.stderr.write(f"Slither is not installed in {ENVIRONMENT}. Run: {MEND}\n")
        return 1
    with tempfile.TemporaryDirectory(prefix="quanbao-audit-") as folder:
        place = Path(folder)
        for name in ("@openzeppelin", "solady"):
            (place / name).symlink_to(build_artifacts.NODE_MODULES / name)
        (place / "src").symlink_to(build_artifacts.HERE / "src")
        (place / "book.json").write_text(json.dumps(request(BOOK)))
        quiet = [] if everything else ["--exclude-informational", "--exclude-low", "--exclude-optimization"]
        common = ["--compile-force-framework", "Solc-json", "--solc", str(build_artifacts.HERE / "tools" / "solc")]
        found = run(
            place, [slither, "book.json", *common, *quiet, "--filter-paths", "@openzeppelin|solady", "--fail-medium"]
        )
        standard = run(
            place, [slither.with_name("slither-check-erc"), "book.json", "VoucherBook", "--erc", "ERC1155", *common]
        )
    return found or standard


def request(root: str) -> dict[str, object]:
    """The compiler's input for one contract and everything that it imports."""
    sources = build_artifacts.closure([root])
    return {
        "language": "Solidity",
        "sources": {unit: {"content": text} for unit, text in sources.items()},
        "settings": {
            "evmVersion": build_artifacts.SETTINGS["evmVersion"],
            "optimizer": {"enabled": False},
            "outputSelection": {
                "*": {
                    "*": ["abi", "devdoc", "userdoc", "evm.bytecode", "evm.deployedBytecode", "evm.methodIdentifiers"],
                    "": ["ast"],
                }
            },
        },
    }


def run(place: Path, command: list[str | Path]) -> int:
    node = shutil.which("node")
    path = os.pathsep.join([str(Path(node).parent)] if node else []) + os.pathsep + os.environ.get("PATH", "")
    return subprocess.run([str(word) for word in command], cwd=place, env={**os.environ, "PATH": path}).returncode


if __name__ == "__main__":
    sys.exit(main())
