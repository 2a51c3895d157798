"""Revert data as errors of the tree: every error of the contracts has a class of its own."""

from __future__ import annotations

from typing import Any

import pytest

from api.errors import status_of
from chains.evm.reverts import CLASSES, reverted
from codec.evm.abi import encode, load_artifact
from primitives import contract_errors, errors
from primitives.errors import QuanbaoError, TransactionReverted
from primitives.hashing import keccak256
from primitives.voucher_id import CampaignId, Serial, SerialClass, VoucherId

VOUCHER = VoucherId(CampaignId(bytes(range(24))), Serial(0, SerialClass.SINGLE, 7))
HOLDER = b"\x11" * 20


def abi_errors() -> dict[str, dict[str, Any]]:
    """Every custom error of what is shipped, by name."""
    return {
        item["name"]: item
        for contract in ("VoucherBook", "TestMoney")
        for item in load_artifact(contract)["abi"]
        if item["type"] == "error"
    }


def revert_data(signature: str, *values: Any) -> bytes:
    types = signature.partition("(")[2].rstrip(")")
    return keccak256(signature.encode())[:4] + encode(types.split(",") if types else [], values)


def test_each_error_of_the_contracts_has_a_class_and_each_class_an_error() -> None:
    """After a change of the contract: primitives/contract_errors.py, api/messages.py, docs/contract-errors.md."""
    assert set(CLASSES) == set(abi_errors())


@pytest.mark.parametrize("name", sorted(abi_errors()))
def test_every_error_comes_back_with_its_facts(name: str) -> None:
    item = abi_errors()[name]
    types = [part["type"] for part in item["inputs"]]
    samples: dict[str, Any] = {"string": "text", "address": HOLDER, "bytes": b"\x01", "bool": True}
    values = [
        samples[kind] if kind in samples else bytes(int(kind[5:])) if kind.startswith("bytes") else 1 for kind in types
    ]
    error = reverted(revert_data(f"{name}({','.join(types)})", *values))
    assert type(error) is CLASSES[name]
    assert isinstance(error, TransactionReverted)
    assert len(error.facts) == len(types) + 1, "the arguments, and the reason"
    assert error.reason.startswith(f"{name}(")
    assert 400 <= status_of(type(error)) < 500


def test_a_redeemed_voucher_is_named() -> None:
    error = reverted(revert_data("VoucherAlreadyRedeemed(uint256)", VOUCHER.token_id))
    assert isinstance(error, errors.VoucherAlreadyRedeemed)
    assert error.code == "voucher_already_redeemed"
    assert error.facts == {"voucher": str(VOUCHER), "reason": f"VoucherAlreadyRedeemed({VOUCHER.token_id})"}
    assert error.message == f"the voucher was redeemed before: use another one (voucher {VOUCHER})"


def test_the_window_is_told_in_full() -> None:
    error = reverted(revert_data("OutsideWindow(uint256,uint256,uint256)", 5, 1, 4), tx_hash="0xab")
    assert error.facts == {
        "timestamp": 5,
        "from": 1,
        "until": 4,
        "reason": "OutsideWindow(5, 1, 4)",
        "tx_hash": "0xab",
    }
    assert "had no effect" in error.message


def test_enumerations_and_addresses_are_readable() -> None:
    moved = reverted(revert_data("TransferNotAllowed(uint256,uint8,uint256)", VOUCHER.token_id, 2, 0))
    assert moved.policy == "bound"
    power = reverted(revert_data("PowerNotDeclared(bytes24,uint16)", VOUCHER.campaign.raw, 3))
    assert (power.campaign, power.power) == (str(VOUCHER.campaign), "pause|void")
    party = reverted(revert_data("SameParty(address)", HOLDER))
    assert party.account == "0x1111111111111111111111111111111111111111"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (None, "without a reason"),
        (b"", "without a reason"),
        (b"\xde\xad\xbe\xef", "0xdeadbeef"),
        (revert_data("Error(string)", "no such thing"), "no such thing"),
        (revert_data("Panic(uint256)", 0x11), "Panic(17, arithmetic overflow)"),
        (
            revert_data("VoucherAlreadyRedeemed(uint256)", 1)[:20],
            f"0x{keccak256(b'VoucherAlreadyRedeemed(uint256)')[:4].hex()}",
        ),
    ],
)
def test_other_reverts_stay_plain(data: bytes | None, reason: str) -> None:
    error = reverted(data)
    assert type(error) is TransactionReverted
    assert error.reason == reason


def test_codes_mean_one_thing() -> None:
    """A class of the contract has a code of its own, or is of the kind whose code it has."""
    ours = {
        value.code: value
        for value in vars(errors).values()
        if isinstance(value, type) and issubclass(value, QuanbaoError)
    }
    codes = [kind.code for kind in CLASSES.values()]
    assert len(set(codes)) == len(codes)
    for kind in CLASSES.values():
        assert kind.code not in ours or issubclass(kind, ours[kind.code]), kind
    assert contract_errors.ContractRefused.code not in ours
