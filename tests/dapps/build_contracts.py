"""Compile contracts/OddTokens.sol with the workspace's compiler; write `artifacts.json`. `--check` only compares."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SOURCE = HERE / "contracts" / "OddTokens.sol"
ARTIFACTS = HERE / "artifacts.json"
_IMPORT = re.compile(r'^import\s[^;]*?"([^"]+)";', re.MULTILINE)
_SETTINGS = {
    "evmVersion": "cancun",
    "optimizer": {"enabled": True, "runs": 200},
    "metadata": {"appendCBOR": False, "bytecodeHash": "none"},
    "outputSelection": {"*": {"*": ["evm.bytecode.object", "evm.deployedBytecode.object"]}},
}


def source_hash() -> str:
    """SHA-256 of the source that the artefacts were made from."""
    return hashlib.sha256(SOURCE.read_bytes()).hexdigest()


def compiled() -> dict[str, Any]:
    """Creation and runtime code by contract."""
    sources = _closure("OddTokens.sol")
    request = {"language": "Solidity", "sources": sources, "settings": _SETTINGS}
    node = shutil.which("node") or "node"
    ran = subprocess.run(
        [node, str(ROOT / "contracts/evm/tools/solc.cjs"), "--standard-json"],
        input=json.dumps(request),
        capture_output=True,
        text=True,
        check=True,
    )
    answer = json.loads(ran.stdout)
    errors = [one["formattedMessage"] for one in answer.get("errors", []) if one["severity"] == "error"]
    if errors:
        sys.exit("\n".join(errors))
    contracts = answer["contracts"]["OddTokens.sol"]
    return {
        "source": source_hash(),
        "contracts": {
            name: {"bytecode": told["evm"]["bytecode"]["object"], "runtime": told["evm"]["deployedBytecode"]["object"]}
            for name, told in sorted(contracts.items())
            if told["evm"]["bytecode"]["object"]
        },
    }


def _closure(root: str) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    waiting = [root]
    while waiting:
        unit = waiting.pop()
        if unit in found:
            continue
        file = SOURCE if unit == root else ROOT / "node_modules" / unit
        text = file.read_text()
        found[unit] = {"content": text}
        for target in _IMPORT.findall(text):
            name = str((Path("/", unit).parent / target).resolve().relative_to("/")) if target[0] == "." else target
            waiting.append(name)
    return found


if __name__ == "__main__":
    text = json.dumps(compiled(), indent=1) + "\n"
    if "--check" in sys.argv:
        sys.exit(0 if ARTIFACTS.read_text() == text else f"{ARTIFACTS.name} is not what {SOURCE.name} compiles to")
    ARTIFACTS.write_text(text)
