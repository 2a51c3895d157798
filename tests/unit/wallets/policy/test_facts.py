"""What a payment takes away is read from the act, in whatever form it comes."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from chains.intent import Action, ContractCall, Intent, ProgramCall, Transfer
from codec.evm.erc20 import approve_call, transfer_call, transfer_from_call
from codec.evm.swap_router import DEPOSIT, swap_call
from codec.evm.tokens import call
from codec.solana.programs import TOKEN as PROGRAM
from codec.solana.system import transfer as move_coins
from codec.solana.token import transfer as move_tokens
from keystore import PLATFORM_TENANT
from primitives.account_id import AccountId
from primitives.asset import Amount, AssetId
from primitives.chain_id import ChainId
from tests.unit.wallets.policy.scene import COIN, SENDER, TOKEN, account, paying, payment
from wallets.policy.facts import Leaving, facts_of, payload_hash

CONTRACT = AccountId(TOKEN.id.chain, TOKEN.id.reference)
ROUTER = account(0xBB)
BOB = account(0xB0B)
KNOWN = {TOKEN.id: 6}


def token(units: int, to: AccountId) -> Leaving:
    return Leaving(TOKEN.id, units, 6, to)


SWAP = swap_call(
    500, 1, [CONTRACT.raw, ROUTER.raw], SENDER.raw, 9, native_in=False, native_out=False, transfer_fees=False
)
SWAP_AWAY = swap_call(
    500, 1, [CONTRACT.raw, ROUTER.raw], BOB.raw, 9, native_in=False, native_out=False, transfer_fees=False
)


@pytest.mark.parametrize(
    ("action", "leaving", "readable"),
    [
        (Transfer(Amount(3, COIN), BOB), [Leaving(COIN.id, 3, 18, BOB)], True),
        (Transfer(Amount(3, COIN), SENDER), [], True),
        (ContractCall(BOB, b"", 4), [Leaving(COIN.id, 4, 18, BOB)], True),
        (ContractCall(CONTRACT, transfer_call(BOB.raw, 5)), [token(5, BOB)], True),
        (ContractCall(CONTRACT, transfer_from_call(SENDER.raw, BOB.raw, 6)), [token(6, BOB)], True),
        (ContractCall(CONTRACT, transfer_from_call(ROUTER.raw, BOB.raw, 6)), [], True),
        (ContractCall(CONTRACT, approve_call(BOB.raw, 2**256 - 1)), [token(2**256 - 1, BOB)], True),
        (ContractCall(CONTRACT, approve_call(BOB.raw, 0)), [], True),
        (ContractCall(ROUTER, SWAP), [token(500, ROUTER)], True),
        (ContractCall(ROUTER, SWAP_AWAY), [token(500, BOB)], True),
        (ContractCall(CONTRACT, DEPOSIT, 7), [Leaving(COIN.id, 7, 18, CONTRACT)], True),
        (ContractCall(CONTRACT, call("setApprovalForAll(address,bool)", BOB.address, True)), [], False),
        (ContractCall(CONTRACT, call("setApprovalForAll(address,bool)", BOB.address, False)), [], True),
        (ContractCall(CONTRACT, bytes.fromhex("deadbeef"), 1), [Leaving(COIN.id, 1, 18, CONTRACT)], False),
        (ContractCall(CONTRACT, transfer_call(BOB.raw, 5)[:40]), [], False),
    ],
)
def test_what_leaves(action: Action, leaving: list[Leaving], readable: bool) -> None:
    facts = facts_of(payment(action, act="dapp.send"), KNOWN)
    assert (list(facts.leaving), facts.readable) == (leaving, readable)


def test_a_call_that_nobody_can_read_pays_its_contract() -> None:
    facts = facts_of(payment(ContractCall(CONTRACT, bytes.fromhex("deadbeef")), act="dapp.send"), KNOWN)
    assert facts.recipients == (CONTRACT,)


def test_the_approval_within_a_swap_does_not_count_twice() -> None:
    approve = ContractCall(CONTRACT, approve_call(ROUTER.raw, 500))
    assert facts_of(payment(approve, act="swap"), KNOWN).leaving == ()
    assert facts_of(payment(approve, act="approval.give"), KNOWN).leaving == (token(500, ROUTER),)


def test_vouchers_that_move_are_no_money() -> None:
    voucher = AccountId.from_raw(SENDER.chain, b"\x77" * 20)
    moved = ContractCall(voucher, transfer_call(BOB.raw, 1))
    facts = facts_of(payment(moved, act="voucher.transfer"), KNOWN)
    assert (facts.leaving, facts.is_governed) == ((), False)
    paid = ContractCall(CONTRACT, transfer_call(BOB.raw, 9))
    assert not facts_of(payment(paid, act="order.pay"), KNOWN).is_governed
    refund = facts_of(payment(paid, act="order.refund", signs="service"), KNOWN)
    assert (refund.leaving, refund.is_governed) == ((token(9, BOB),), True)
    assert not facts_of(payment(moved, act="order.refund", signs="service"), KNOWN).is_governed


def test_whose_payments_are_governed() -> None:
    assert paying(1).is_governed
    assert paying(1, act="order.refund", signs="service").is_governed
    assert not paying(1, act="relayer.top_up", signs="service", tenant_id=PLATFORM_TENANT).is_governed
    assert not paying(1, act="approval.revoke").is_governed


def test_the_hash_is_of_everything() -> None:
    same = payload_hash(payment(Transfer(Amount(3, COIN), BOB)))
    assert len(same) == 32
    for other in (Transfer(Amount(4, COIN), BOB), Transfer(Amount(3, COIN), ROUTER), Transfer(Amount(3, TOKEN), BOB)):
        assert payload_hash(payment(other)) != same
    asked = replace(payment(Transfer(Amount(3, COIN), BOB)), asked_by=UUID(int=1))
    assert payload_hash(asked) != same, "whoever asked is part of what others approve"


def test_transfers_on_solana() -> None:
    chain = ChainId.parse("solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp")
    sender, other, mint = (AccountId.from_raw(chain, bytes([n]) * 32) for n in (1, 2, 3))
    program = ProgramCall(
        (
            move_coins(sender.raw, other.raw, 5),
            move_coins(other.raw, sender.raw, 6),
            move_tokens(PROGRAM, b"\x08" * 32, mint.raw, b"\x09" * 32, sender.raw, 70, 6),
        )
    )
    stored = replace(payment(Transfer(Amount(1, COIN), BOB)), intent=Intent(sender, program))
    facts = facts_of(stored, {})
    assert [(one.asset, one.base_units) for one in facts.leaving] == [
        (AssetId.native(chain), 5),
        (AssetId.fungible(chain, mint.address), 70),
    ]
