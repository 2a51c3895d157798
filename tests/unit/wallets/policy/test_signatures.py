"""What a signature lets others take is read from what is signed; what is not surely known is not read."""

from __future__ import annotations

from typing import Any

import pytest

from codec.evm.permit import PERMIT_FIELDS
from codec.evm.redeem_order import DOMAIN_NAME, ITEM_FIELDS, ORDER_FIELDS
from codec.evm.tokens import PERMIT2, UNLIMITED
from codec.evm.typed_data import write_typed_data
from primitives.account_id import AccountId, checksum_address
from primitives.asset import AssetId
from primitives.signing import SigningScheme
from tests.unit.wallets.policy.scene import CHAIN, SENDER, TOKEN, account
from wallets.policy.signatures import Reading, Taking, read_signature

CONTRACT = AccountId(CHAIN, TOKEN.id.reference)
BOB, SHOP = account(0xB0B), account(0x5409)
COW = AccountId.from_raw(CHAIN, bytes.fromhex("9008d19f58aabd9ed0d60971565aa8510560ab41"))
PERMITTING = AccountId.from_raw(CHAIN, PERMIT2)
OLD = (
    ("holder", "address"),
    ("spender", "address"),
    ("nonce", "uint256"),
    ("expiry", "uint256"),
    ("allowed", "bool"),
)
AUTHORIZATION = (
    ("from", "address"),
    ("to", "address"),
    ("value", "uint256"),
    ("validAfter", "uint256"),
    ("validBefore", "uint256"),
    ("nonce", "bytes32"),
)
DETAILS = (("token", "address"), ("amount", "uint160"), ("expiration", "uint48"), ("nonce", "uint48"))
SINGLE = (("details", "PermitDetails"), ("spender", "address"), ("sigDeadline", "uint256"))
PERMITTED = (("token", "address"), ("amount", "uint256"))
BATCH = (
    ("permitted", "TokenPermissions[]"),
    ("spender", "address"),
    ("nonce", "uint256"),
    ("deadline", "uint256"),
)
SALE = (
    ("sellToken", "address"),
    ("buyToken", "address"),
    ("receiver", "address"),
    ("sellAmount", "uint256"),
    ("buyAmount", "uint256"),
    ("validTo", "uint32"),
    ("appData", "bytes32"),
    ("feeAmount", "uint256"),
    ("kind", "string"),
    ("partiallyFillable", "bool"),
    ("sellTokenBalance", "string"),
    ("buyTokenBalance", "string"),
)
NOTHING = "0x" + "00" * 32
PERMIT = {"owner": SENDER.address, "spender": BOB.address, "value": 70, "nonce": 0, "deadline": 99}


def sold(receiver: str) -> dict[str, Any]:
    return {
        "sellToken": CONTRACT.address,
        "buyToken": BOB.address,
        "receiver": receiver,
        "sellAmount": 40,
        "buyAmount": 1,
        "validTo": 9,
        "appData": NOTHING,
        "feeAmount": 2,
        "kind": "sell",
        "partiallyFillable": False,
        "sellTokenBalance": "erc20",
        "buyTokenBalance": "erc20",
    }


ORDER = {
    "holder": SENDER.address,
    "merchant": SHOP.address,
    "orderHash": NOTHING,
    "validBefore": 9,
    "remainderAsset": CONTRACT.address,
    "remainderAmount": 55,
    "items": [],
}


def reading(
    primary: str,
    message: dict[str, Any],
    contract: AccountId | None = CONTRACT,
    chain: int = CHAIN.evm_number,
    name: str = "Any",
    **types: Any,
) -> Reading:
    domain: dict[str, Any] = {"name": name, "chainId": chain}
    if contract is not None:
        domain["verifyingContract"] = checksum_address(contract.raw)
    document = write_typed_data(types, primary, domain, message)
    return read_signature(SigningScheme.EVM_TYPED_DATA, document, SENDER)


def takes(units: int, who: AccountId, asset: AssetId = TOKEN.id) -> tuple[Taking, ...]:
    return (Taking(asset, units, who),)


def test_permits_of_tokens() -> None:
    assert reading("Permit", PERMIT, Permit=PERMIT_FIELDS) == Reading(takes(70, BOB), CONTRACT)
    old = {"holder": SENDER.address, "spender": BOB.address, "nonce": 0, "expiry": 0, "allowed": True}
    assert reading("Permit", old, Permit=OLD).takings == takes(UNLIMITED, BOB)
    assert reading("Permit", {**old, "allowed": False}, Permit=OLD).takings == takes(0, BOB)
    moved = {"from": SENDER.address, "to": BOB.address, "value": 8, "validAfter": 0, "validBefore": 9, "nonce": NOTHING}
    for kind in ("TransferWithAuthorization", "ReceiveWithAuthorization"):
        types: dict[str, Any] = {kind: AUTHORIZATION}
        assert reading(kind, moved, **types).takings == takes(8, BOB)


def test_permits_by_permit2() -> None:
    one = {"token": CONTRACT.address, "amount": 6, "expiration": 9, "nonce": 0}
    single = {"details": one, "spender": BOB.address, "sigDeadline": 9}
    types: dict[str, Any] = {"PermitSingle": SINGLE, "PermitDetails": DETAILS}
    assert reading("PermitSingle", single, PERMITTING, **types) == Reading(takes(6, BOB), PERMITTING)
    assert reading("PermitSingle", single, CONTRACT, **types).takings is None, "another contract's words mean nothing"
    some = [{"token": CONTRACT.address, "amount": 6}, {"token": SHOP.address, "amount": 7}]
    batch = {"permitted": some, "spender": BOB.address, "nonce": 0, "deadline": 9}
    found = reading(
        "PermitBatchTransferFrom", batch, PERMITTING, PermitBatchTransferFrom=BATCH, TokenPermissions=PERMITTED
    )
    assert found.takings == takes(6, BOB) + takes(7, BOB, AssetId.fungible(CHAIN, SHOP.address))


def test_orders() -> None:
    types: dict[str, Any] = {"RedeemOrder": ORDER_FIELDS, "RedeemItem": ITEM_FIELDS}
    assert reading("RedeemOrder", ORDER, BOB, name=DOMAIN_NAME, **types).takings == takes(55, SHOP)
    assert reading("RedeemOrder", {**ORDER, "remainderAmount": 0}, BOB, name=DOMAIN_NAME, **types).takings == ()
    assert reading("RedeemOrder", ORDER, BOB, **types).takings is None, "not the book's domain"
    nobody = "0x" + "00" * 20
    assert reading("Order", sold(nobody), COW, Order=SALE).takings == takes(42, COW)
    assert reading("Order", sold(SENDER.address), COW, Order=SALE).takings == takes(42, COW)
    assert reading("Order", sold(BOB.address), COW, Order=SALE).takings == takes(42, BOB), "what is bought goes to Bob"
    assert reading("Order", sold(nobody), CONTRACT, Order=SALE).takings is None


def test_whatever_else_is_signed_is_read_by_nobody() -> None:
    assert reading("Mail", {"text": "hi"}, Mail=(("text", "string"),)) == Reading(None, CONTRACT)
    assert reading("Permit", PERMIT, None, Permit=PERMIT_FIELDS) == Reading(None)
    assert reading("Permit", PERMIT, chain=1, Permit=PERMIT_FIELDS).takings is None
    more = (*PERMIT_FIELDS, ("allowed", "bool"))
    assert reading("Permit", {**PERMIT, "allowed": True}, Permit=more).takings is None
    assert read_signature(SigningScheme.EVM_TYPED_DATA, b"{", SENDER) == Reading(None)
    assert read_signature(SigningScheme.EVM_TRANSACTION, b"", SENDER) == Reading(None)


@pytest.mark.parametrize(
    ("message", "takings"), [("I sign in\n汉字\t1".encode(), ()), (bytes(range(32)), None), (b"a\x00", None)]
)
def test_text_moves_nothing_and_bytes_are_signed_blindly(message: bytes, takings: tuple[Taking, ...] | None) -> None:
    assert read_signature(SigningScheme.EVM_MESSAGE, message, SENDER) == Reading(takings)
