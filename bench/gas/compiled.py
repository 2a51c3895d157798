"""The peers' bytecode: our thin wrappers and thirdweb's sources compiled here, Unlock's as it was published."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from primitives.errors import MissingPart

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
MODULES = HERE / "node_modules"
CACHE = ROOT / "bench" / "results" / "gas-peers.json"
INSTALL = "npm ci --ignore-scripts --prefix bench/gas"

_THIRDWEB = "@thirdweb-dev/contracts"
_COMPILED = {
    "PlainErc721": "src/PlainErc721.sol",
    "PlainErc1155": "src/PlainErc1155.sol",
    "PlainErc721A": "src/PlainErc721A.sol",
    "ConstructedProxy": "src/ConstructedProxy.sol",
    "DropERC1155": f"{_THIRDWEB}/prebuilts/drop/DropERC1155.sol",
    "AirdropERC1155": f"{_THIRDWEB}/prebuilts/unaudited/airdrop/AirdropERC1155.sol",
}
_PUBLISHED = {
    "Unlock": "@unlock-protocol/contracts/dist/abis/Unlock/UnlockV14.json",
    "PublicLock": "@unlock-protocol/contracts/dist/abis/PublicLock/PublicLockV15.json",
}
_SETTINGS: Mapping[str, Any] = {
    "evmVersion": "cancun",
    "optimizer": {"enabled": True, "runs": 1000},
    "metadata": {"appendCBOR": False, "bytecodeHash": "none"},
    "outputSelection": {"*": {"*": ["abi", "evm.bytecode.object"]}},
}
_IMPORT = re.compile(r"""^\s*import\s[^;]*?["']([^"']+)["'];""", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Peer:
    """One contract of theirs."""

    abi: tuple[Mapping[str, Any], ...]
    bytecode: bytes


def peers() -> Mapping[str, Peer]:
    """All of them by name; compiled once for as long as the sources stay the same.

    Raises:
        MissingPart: The peers' packages, Node or the compiler are not installed.
    """
    for package in ("@openzeppelin/contracts", _THIRDWEB, "@unlock-protocol/contracts", "erc721a"):
        if not (MODULES / package).is_dir():
            raise MissingPart(f"the peers are not installed ({package} is missing): run {INSTALL}", mend=INSTALL)
    found = {name: _published(MODULES / path) for name, path in _PUBLISHED.items()}
    return found | {
        name: Peer(tuple(told["abi"]), bytes.fromhex(told["bytecode"])) for name, told in _compiled().items()
    }


def _published(path: Path) -> Peer:
    told = json.loads(path.read_bytes())
    return Peer(tuple(told["abi"]), bytes.fromhex(told["bytecode"][2:]))


def _compiled() -> Mapping[str, Mapping[str, Any]]:
    sources = _closure()
    request = {"language": "Solidity", "sources": sources, "settings": _SETTINGS}
    text = json.dumps(request, sort_keys=True)
    mark = hashlib.sha256(text.encode()).hexdigest()
    if CACHE.exists():
        kept: dict[str, Any] = json.loads(CACHE.read_bytes())
        if kept["mark"] == mark:
            contracts: Mapping[str, Mapping[str, Any]] = kept["contracts"]
            return contracts
    node = shutil.which("node")
    if node is None or not (ROOT / "node_modules" / "solc").is_dir():
        raise MissingPart("Node and the npm package solc are needed: run make setup-tests", mend="make setup-tests")
    compiler = ROOT / "contracts" / "evm" / "tools" / "solc.cjs"
    ran = subprocess.run(
        [node, str(compiler), "--standard-json"], input=text, capture_output=True, text=True, check=True
    )
    answer = json.loads(ran.stdout)
    errors = [each["formattedMessage"] for each in answer.get("errors", []) if each["severity"] == "error"]
    if errors:
        raise MissingPart(f"the peers do not compile: {errors[0][:500]}", mend=INSTALL)
    made = {
        name: {
            "abi": answer["contracts"][unit][name]["abi"],
            "bytecode": answer["contracts"][unit][name]["evm"]["bytecode"]["object"],
        }
        for name, unit in _COMPILED.items()
    }
    CACHE.parent.mkdir(exist_ok=True)
    CACHE.write_text(json.dumps({"mark": mark, "contracts": made}))
    return made


def _closure() -> dict[str, dict[str, str]]:
    """Every source that the peers import, by its name. thirdweb's own OpenZeppelin (4.9) is not the others' (5)."""
    found: dict[str, dict[str, str]] = {}
    waiting = list(_COMPILED.values())
    while waiting:
        unit = waiting.pop()
        if unit in found:
            continue
        path = HERE / unit if unit.startswith("src/") else MODULES / unit
        text = path.read_text()
        if unit.startswith(f"{_THIRDWEB}/") or unit.startswith("@openzeppelin/contracts-upgradeable/"):
            text = re.sub(r'"@openzeppelin/contracts/', f'"{_THIRDWEB}/node_modules/@openzeppelin/contracts/', text)
        found[unit] = {"content": text}
        for target in _IMPORT.findall(text):
            name = (
                str((Path("/", unit).parent / target).resolve().relative_to("/")) if target.startswith(".") else target
            )
            waiting.append(name)
    return found
