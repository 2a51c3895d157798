"""What the service keys of an organisation may do with its money."""

from __future__ import annotations

import pytest

from api.key_policy import evm_targets
from codec.evm import erc20
from codec.evm.book.calls import claim_call, claim_from_drop_call, commit_drop_call, set_relayer_call
from codec.evm.claim_ticket import TICKET
from codec.evm.create2 import DEPLOYER, book_deployment
from keystore.policy import CALL_PREFIX, CallTarget, TypedDataTarget, require_allowed
from primitives.asset import MAX_BASE_UNITS, Asset, AssetId
from primitives.chain_id import ChainId
from primitives.errors import SigningRefused
from primitives.signing import KeyPurpose
from primitives.voucher_id import CampaignId, Serial, SerialClass, VoucherId

EVM = ChainId.evm(31337)
BOOK, RELAYER, STRANGER, TOKEN = (bytes([n]) * 20 for n in (1, 2, 3, 4))
MONEY = Asset(AssetId.fungible(EVM, "0x" + TOKEN.hex()), "tCNY", 6)
RULES = evm_targets([BOOK], RELAYER, [MONEY])


def ask(purpose: KeyPurpose, contract: bytes, data: bytes) -> None:
    require_allowed(purpose, [CallTarget(contract, data[:CALL_PREFIX])], RULES[purpose])


def test_a_treasury_lets_the_book_take_and_the_relayer_speak() -> None:
    ask(KeyPurpose.TREASURY, TOKEN, erc20.approve_call(BOOK, MAX_BASE_UNITS))
    ask(KeyPurpose.TREASURY, BOOK, set_relayer_call(RELAYER, 2**40 - 1))


@pytest.mark.parametrize(
    ("contract", "data"),
    [
        (TOKEN, erc20.approve_call(STRANGER, 1)),
        (TOKEN, erc20.transfer_call(STRANGER, 1)),
        (STRANGER, erc20.approve_call(BOOK, 1)),
        (BOOK, set_relayer_call(STRANGER, 2**40 - 1)),
        (TOKEN, erc20.approve_call(BOOK, 1)[:20]),
        (STRANGER, b""),
    ],
)
def test_and_nobody_else(contract: bytes, data: bytes) -> None:
    with pytest.raises(SigningRefused):
        ask(KeyPurpose.TREASURY, contract, data)


def test_the_relayer_deploys_the_book() -> None:
    ask(KeyPurpose.RELAYER, DEPLOYER, book_deployment())
    with pytest.raises(SigningRefused):
        ask(KeyPurpose.RELAYER, DEPLOYER, bytes(32) + book_deployment()[32:])


def test_an_older_book_keeps_its_rights_beside_the_newest() -> None:
    older = b"\x09" * 20
    both = evm_targets([BOOK, older], RELAYER, [MONEY])[KeyPurpose.TREASURY]
    for book in (BOOK, older):
        for contract, data in ((TOKEN, erc20.approve_call(book, 1)), (book, set_relayer_call(RELAYER, 1))):
            require_allowed(KeyPurpose.TREASURY, [CallTarget(contract, data[:CALL_PREFIX])], both)
    with pytest.raises(SigningRefused):
        ask(KeyPurpose.TREASURY, TOKEN, erc20.approve_call(older, 1))


def test_who_gives_vouchers_out() -> None:
    """The issuer commits drops and signs tickets of the book alone; the relayer sends claims, which serve holders."""
    voucher = VoucherId(CampaignId(bytes(24)), Serial(0, SerialClass.DROP, 1))
    ask(KeyPurpose.ISSUER, BOOK, commit_drop_call(CampaignId(bytes(24)), 0, b"\x01" * 32, 5))
    ask(KeyPurpose.RELAYER, BOOK, claim_from_drop_call(voucher, STRANGER, []))
    ask(KeyPurpose.RELAYER, BOOK, claim_call(voucher, STRANGER, 1, bytes(65)))
    require_allowed(KeyPurpose.ISSUER, [TypedDataTarget(BOOK, TICKET)], RULES[KeyPurpose.ISSUER])
    for purpose, target in (
        (KeyPurpose.ISSUER, TypedDataTarget(STRANGER, TICKET)),
        (KeyPurpose.ISSUER, TypedDataTarget(BOOK, "RedeemOrder")),
        (KeyPurpose.TREASURY, TypedDataTarget(BOOK, TICKET)),
        (KeyPurpose.RELAYER, TypedDataTarget(BOOK, TICKET)),
    ):
        with pytest.raises(SigningRefused):
            require_allowed(purpose, [target], RULES[purpose])
    with pytest.raises(SigningRefused):
        ask(KeyPurpose.RELAYER, BOOK, commit_drop_call(CampaignId(bytes(24)), 0, b"\x01" * 32, 5))
