"""docs/contract-errors.md lists what the contract refuses, as the code has it."""

from __future__ import annotations

import re
from pathlib import Path

from api.errors import status_of
from api.messages import _CHINESE
from chains.evm.reverts import CLASSES
from codec.evm.abi import load_artifact

DOCUMENT = Path(__file__).parents[3] / "docs" / "contract-errors.md"
_MARKED = re.compile(r"<!-- errors:begin [^>]*-->\n(.*)<!-- errors:end -->", re.DOTALL)


def table() -> str:
    """The table that belongs between the marks."""
    signatures = {
        item["name"]: f"{item['name']}({', '.join(part['name'] for part in item['inputs'])})"
        for contract in ("TestMoney", "VoucherBook")
        for item in load_artifact(contract)["abi"]
        if item["type"] == "error"
    }
    rows = [
        f"| `{kind.code}` | {status_of(kind)} | `{signatures[name]}` | {' '.join((kind.__doc__ or '').split())} |"
        for name, kind in sorted(CLASSES.items(), key=lambda pair: pair[1].code)
    ]
    return "\n".join(["| code | status | the contract's error | meaning |", "|---|---|---|---|", *rows]) + "\n"


def test_every_error_is_documented_as_it_is() -> None:
    """After a change: copy `table()` between the marks."""
    found = _MARKED.search(DOCUMENT.read_text(encoding="utf-8"))
    assert found is not None
    assert found[1] == table()


def test_what_a_person_can_meet_is_said_in_chinese_too() -> None:
    own = {kind.code for name, kind in CLASSES.items() if not name.startswith(("ERC", "ECDSA", "String", "Safe"))}
    rare = {"invalid_short_string", "reentrancy_guard_reentrant_call"}
    assert own - rare - set(_CHINESE) == set()
