"""Compile the contracts that are shipped; write `artifacts/` and the Python binding; `--check` only compares.

Per contract: `Name.json` (ABI, bytecode, storage layout) and `Name.natspec.json` (documentation, enumerations, sets of
bits). The compiler gets clean source names (`src/…`, `@openzeppelin/contracts/…`), so the result does not depend on
where the checkout lies. Settings: the `release` profile of foundry.toml.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import python_binding

HERE = Path(__file__).resolve().parent
NODE_MODULES = HERE.parents[1] / "node_modules"
ARTIFACTS = HERE / "artifacts"
SHIPPED = {
    "VoucherBook": "src/VoucherBook.sol",
    "VoucherBookOffice": "src/VoucherBookOffice.sol",
    "TestMoney": "src/TestMoney.sol",
    "VoucherLens": "src/VoucherLens.sol",
    "LensCall": "src/LensCall.sol",
}
BOOK, OFFICE, BOOK_INTERFACE = "VoucherBook", "VoucherBookOffice", "IVoucherBook"
"""The book's two halves answer at one address; its artefact describes both, and is checked against the interface."""
SETTINGS: dict[str, Any] = {
    "evmVersion": "cancun",
    "viaIR": True,
    "optimizer": {"enabled": True, "runs": 1_000},
    "metadata": {"appendCBOR": False, "bytecodeHash": "none"},
    "outputSelection": {
        "*": {
            "*": [
                "abi",
                "devdoc",
                "evm.bytecode.object",
                "evm.deployedBytecode.object",
                "storageLayout",
                "userdoc",
            ],
            "": ["ast"],
        }
    },
}
_IMPORT = re.compile(r'^import\s[^;]*?"([^"]+)";', re.MULTILINE)


def source_file(unit: str) -> Path:
    """Where a source unit lies: ours under src, everything else in the workspace's node_modules."""
    return HERE / unit if unit.startswith("src/") else NODE_MODULES / unit


def closure(roots: list[str]) -> dict[str, str]:
    """Every source unit that the roots import, by name."""
    found: dict[str, str] = {}
    waiting = list(roots)
    while waiting:
        unit = waiting.pop()
        if unit in found:
            continue
        text = source_file(unit).read_text()
        found[unit] = text
        for target in _IMPORT.findall(text):
            if target.startswith("."):
                target = str((Path("/", unit).parent / target).resolve().relative_to("/"))
            waiting.append(target)
    return dict(sorted(found.items()))


def compile_shipped() -> dict[str, dict[str, Any]]:
    """Compile and return the artefacts by file name.

    Raises:
        SystemExit: Node or the compiler package is missing, or the sources do not compile.
    """
    node = shutil.which("node")
    if node is None or not (NODE_MODULES / "solc").is_dir():
        sys.exit("Node and the npm package solc are needed here: run `make setup`.")
    sources = closure([*SHIPPED.values(), f"src/{BOOK_INTERFACE}.sol"])
    request = {
        "language": "Solidity",
        "sources": {unit: {"content": text} for unit, text in sources.items()},
        "settings": SETTINGS,
    }
    ran = subprocess.run(
        [node, str(HERE / "tools" / "solc.cjs"), "--standard-json"],
        input=json.dumps(request),
        capture_output=True,
        text=True,
        check=True,
    )
    answer = json.loads(ran.stdout)
    errors = [e["formattedMessage"] for e in answer.get("errors", []) if e["severity"] == "error"]
    if errors:
        sys.exit("\n".join(errors))
    nodes = [
        node for unit, told in answer["sources"].items() if unit.startswith("src/") for node in told["ast"]["nodes"]
    ]
    outputs = {name: answer["contracts"][unit][name] for name, unit in SHIPPED.items()}
    outputs[BOOK] = whole_book(
        outputs[BOOK], outputs[OFFICE], answer["contracts"][f"src/{BOOK_INTERFACE}.sol"][BOOK_INTERFACE]["abi"]
    )
    files = {}
    for name, output in outputs.items():
        files[f"{name}.json"] = artifact(name, output)
        files[f"{name}.natspec.json"] = natspec(name, output, nodes, _struct_documentation(sources))
    return files


def whole_book(front: dict[str, Any], office: dict[str, Any], interface: list[dict[str, Any]]) -> dict[str, Any]:
    """The book's front half with the descriptions of both halves.

    Raises:
        SystemExit: The halves disagree about the storage, both answer one function, or one that the interface promises
            is in neither.
    """
    if _slots(front) != _slots(office):
        sys.exit("the two halves of the book have different storage layouts")
    abi: dict[str, dict[str, Any]] = {}
    for entry in front["abi"] + office["abi"]:
        key = _signature(entry)
        # Of EIP712, which both inherit: the front answers.
        if key in abi and entry["type"] == "function" and key != "function eip712Domain()":
            sys.exit(f"both halves of the book have {key}")
        if entry["type"] not in ("constructor", "fallback"):
            abi.setdefault(key, entry)
    for entry in interface:
        key = _signature(entry)
        if key not in abi and entry["type"] == "function":
            sys.exit(f"no half of the book has {key}")
        abi.setdefault(key, entry)
    return front | {
        "abi": sorted(abi.values(), key=lambda entry: (entry["type"], _signature(entry))),
        "userdoc": _merged(office["userdoc"], front["userdoc"]),
        "devdoc": _merged(office["devdoc"], front["devdoc"]),
    }


def _slots(output: dict[str, Any]) -> list[dict[str, Any]]:
    layout = _without_compiler_numbers(output["storageLayout"])
    return [{key: value for key, value in slot.items() if key != "contract"} for slot in layout["storage"]]


def _signature(entry: dict[str, Any]) -> str:
    inputs = ",".join(_canonical(one) for one in entry.get("inputs", []))
    return f"{entry['type']} {entry.get('name', '')}({inputs})"


def _canonical(argument: dict[str, Any]) -> str:
    kind: str = argument["type"]
    if not kind.startswith("tuple"):
        return kind
    return f"({','.join(_canonical(one) for one in argument['components'])}){kind[len('tuple') :]}"


def _merged(under: Any, over: Any) -> Any:
    """Both mappings, key by key; where both tell something, the second does."""
    if not isinstance(under, dict) or not isinstance(over, dict):
        return over
    keys = sorted(set(under) | set(over))
    return {key: _merged(under.get(key, over.get(key)), over.get(key, under.get(key))) for key in keys}


def artifact(name: str, output: dict[str, Any]) -> dict[str, Any]:
    """The committed form of one compiled contract."""
    layout = output["storageLayout"]
    return {
        "contractName": name,
        "abi": output["abi"],
        "bytecode": "0x" + output["evm"]["bytecode"]["object"],
        "deployedBytecode": "0x" + output["evm"]["deployedBytecode"]["object"],
        "storageLayout": _without_compiler_numbers(layout),
    }


def natspec(
    name: str, output: dict[str, Any], nodes: list[dict[str, Any]], structs: dict[str, dict[str, str]]
) -> dict[str, Any]:
    """What the ABI leaves out: documentation, names of enumeration members, values of the bit sets."""
    used = json.dumps(output["abi"])
    enums = {
        node["name"]: [member["name"] for member in node["members"]]
        for node in nodes
        if node["nodeType"] == "EnumDefinition" and f"enum {node['name']}" in used
    }
    return {
        "contractName": name,
        "userdoc": output["userdoc"],
        "devdoc": output["devdoc"],
        "enums": dict(sorted(enums.items())),
        "constants": _bit_sets(nodes) if enums else {},
        "structs": {key: told for key, told in sorted(structs.items()) if f'"struct {key}' in used},
    }


def _struct_documentation(sources: dict[str, str]) -> dict[str, dict[str, str]]:
    """The `///` comments on the members of our structs, by struct and member; the compiler drops them."""
    found: dict[str, dict[str, str]] = {}
    for unit, text in sources.items():
        if not unit.startswith("src/"):
            continue
        for struct, body in re.findall(r"^\s*struct (\w+) \{\n(.*?)^\s*\}", text, re.MULTILINE | re.DOTALL):
            members = re.findall(r"((?:^\s*///.*\n)+)\s*[^;/]*?(\w+);", body, re.MULTILINE)
            found[struct] = {name: " ".join(re.sub(r"^\s*///", "", told, flags=re.M).split()) for told, name in members}
    return found


def _bit_sets(nodes: list[dict[str, Any]]) -> dict[str, dict[str, int]]:
    """Libraries that hold nothing but bits written as `1 << n`."""
    found: dict[str, dict[str, int]] = {}
    for node in nodes:
        if node["nodeType"] != "ContractDefinition" or node["contractKind"] != "library":
            continue
        values = [_shifted_bit(member) for member in node["nodes"]]
        if values and None not in values:
            names = (member["name"] for member in node["nodes"])
            found[node["name"]] = {name: bit for name, bit in zip(names, values, strict=True) if bit}
    return dict(sorted(found.items()))


def _shifted_bit(member: dict[str, Any]) -> int | None:
    value = member.get("value")
    if member["nodeType"] != "VariableDeclaration" or not value or value.get("operator") != "<<":
        return None
    return int(value["leftExpression"]["value"]) << int(value["rightExpression"]["value"])


def _without_compiler_numbers(layout: Any) -> Any:
    """Drop the syntax-tree numbers, which change with every unrelated edit."""
    if isinstance(layout, dict):
        return {_plain(key): _without_compiler_numbers(value) for key, value in layout.items() if key != "astId"}
    if isinstance(layout, list):
        return [_without_compiler_numbers(value) for value in layout]
    return _plain(layout) if isinstance(layout, str) else layout


def _plain(text: str) -> str:
    return re.sub(r"(\(\w+\))\d+", r"\1", text)


def render(content: dict[str, Any]) -> str:
    return json.dumps(content, indent=1, sort_keys=False, ensure_ascii=False) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare with the committed artefacts, write nothing")
    check: bool = parser.parse_args().check
    ARTIFACTS.mkdir(exist_ok=True)
    stale = []
    for name, content in compile_shipped().items():
        path = ARTIFACTS / name
        if "deployedBytecode" in content:
            size = len(content["deployedBytecode"]) // 2 - 1
            sys.stdout.write(f"{content['contractName']}: {size} of 24576 bytes\n")
        if check and (not path.exists() or path.read_text() != render(content)):
            stale.append(f"artifacts/{name}")
        elif not check:
            path.write_text(render(content))
    if check:
        stale += [f"codec/evm/book/{name}" for name in python_binding.stale()]
    else:
        python_binding.write()
    if stale:
        names = ", ".join(stale)
        sys.stderr.write(f"differs from the sources: {names}; run contracts/evm/build_artifacts.py\n")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
