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
from typing import Any

import build_artifacts

ENVIRONMENT = Path(os.environ.get("QUANBAO_SLITHER", build_artifacts.HERE.parents[1] / ".venv-audit"))
HALVES = ("VoucherBook", "VoucherBookOffice")
"""They answer at one address, so what the standard asks for may lie in either."""
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
        (place / "book.json").write_text(json.dumps(request()))
        quiet = [] if everything else ["--exclude-informational", "--exclude-low", "--exclude-optimization"]
        common = ["--compile-force-framework", "Solc-json", "--solc", str(build_artifacts.HERE / "tools" / "solc")]
        command = [slither, "book.json", *common, *quiet, "--filter-paths", "@openzeppelin|solady", "--fail-medium"]
        found = run(place, command).returncode
        check = slither.with_name("slither-check-erc")
        told = [
            run(
                place,
                [check, "book.json", half, "--erc", "ERC1155", *common],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            ).stdout
            for half in HALVES
        ]
    wrong = unmet(told)
    for line in wrong or ["ERC-1155: every function and event is there, as the standard has it"]:
        sys.stdout.write(f"{line}\n")
    return found or int(bool(wrong))


def unmet(told: list[str]) -> list[str]:
    """What the checks of the halves find missing in all of them, or wrong in any; what is optional may be missing."""
    if not all("## Check functions" in text for text in told):
        return ["slither-check-erc did not run"]
    missing = [
        {line.strip() for line in text.splitlines() if line.startswith("[ ]") and "(optional)" not in line}
        for text in told
    ]
    wrong = {line.strip() for text in told for line in text.splitlines() if line.startswith("\t") and "[ ]" in line}
    return sorted((set.intersection(*missing) - _declared_events()) | wrong)


def _declared_events() -> set[str]:
    """Events of the book's interface: emitted as `IERC1155.TransferSingle`, which Slither does not find."""
    abi = json.loads((build_artifacts.ARTIFACTS / "VoucherBook.json").read_text())["abi"]
    signatures = (
        f"{entry['name']}({','.join(part['type'] for part in entry['inputs'])})"
        for entry in abi
        if entry["type"] == "event"
    )
    return {f"[ ] {signature} is missing" for signature in signatures}


def request() -> dict[str, object]:
    """The compiler's input: both halves of the book, its lens, and what they import."""
    sources = build_artifacts.closure([f"src/{name}.sol" for name in (*HALVES, "VoucherLens", "LensCall")])
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


def run(place: Path, command: list[str | Path], **options: Any) -> subprocess.CompletedProcess[str]:
    node = shutil.which("node")
    path = os.pathsep.join([str(Path(node).parent)] if node else []) + os.pathsep + os.environ.get("PATH", "")
    words = [str(word) for word in command]
    return subprocess.run(words, cwd=place, env={**os.environ, "PATH": path}, **options)


if __name__ == "__main__":
    sys.exit(main())
