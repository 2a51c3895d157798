"""Reading what nodes answer to simulations, traces and odd logs, without a node."""

from __future__ import annotations

from typing import Any

from chains.evm.simulation import BalanceChange
from chains.evm.token_moves import moves_of
from chains.evm.traced_call import moves_of_frame
from codec.evm import tokens
from primitives.account_id import AccountId
from primitives.asset import AssetId
from primitives.chain_id import ChainId
from wallets.assets.foresight import changes_from_json, changes_to_json, worse

CHAIN = ChainId.evm(1)
ME, YOU = (AccountId.from_raw(CHAIN, bytes([n]) * 20) for n in (1, 2))
TOKEN = AccountId.from_raw(CHAIN, b"\xc0" * 20)
COIN, TEA = AssetId.native(CHAIN), AssetId.fungible(CHAIN, TOKEN.address)


def _log(*topics: str, data: bytes = b"") -> dict[str, Any]:
    return {"address": TOKEN.address, "topics": list(topics), "data": "0x" + data.hex()}


def _frame(**more: Any) -> dict[str, Any]:
    return {"type": "CALL", "from": ME.address, "to": YOU.address, "value": "0x0", **more}


def test_logs_of_every_standard_and_of_none() -> None:
    me, you = tokens.address_topic(ME.raw), tokens.address_topic(YOU.raw)
    word = (5).to_bytes(32, "big")
    found = moves_of(
        CHAIN,
        [
            _log(tokens.TRANSFER, me, you, data=word),
            _log(tokens.TRANSFER, me, you, "0x" + word.hex()),
            _log(tokens.TRANSFER_SINGLE, me, me, you, data=word + word),
            _log(tokens.TRANSFER, me, you),
            _log(tokens.TRANSFER_BATCH, me, me, you, data=b"\xff" * 128),
            _log(),
            _log(tokens.APPROVAL, me, you, data=word),
        ],
    )
    assert [(one.asset.namespace, one.asset.token_id, one.base_units) for one in found] == [
        ("erc20", None, 5),
        ("erc721", "5", 1),
        ("erc1155", "5", 5),
    ]


def test_what_failed_frames_and_delegated_calls_show_moves_nothing() -> None:
    inner = [
        _frame(value="0x3", error="execution reverted", calls=[_frame(value="0x9")]),
        _frame(type="DELEGATECALL", value="0x5"),
        _frame(**{"from": YOU.address, "to": ME.address, "value": "0x2"}),
    ]
    found = moves_of_frame(CHAIN, _frame(value="0x5", calls=inner))
    assert [(one.sender, one.base_units) for one in found] == [(ME.raw, 5), (YOU.raw, 2)]


def test_only_what_turned_out_worse_is_told() -> None:
    """Five percent are let pass; something new that is taken, and something promised that is gone, are told."""
    shown = [BalanceChange(ME, COIN, 100), BalanceChange(ME, TEA, -100)]
    assert changes_from_json(changes_to_json(shown)) == tuple(shown)
    assert changes_to_json(None) is changes_from_json(None) is None
    for now, told in (
        (shown, False),
        ([BalanceChange(ME, COIN, 95), BalanceChange(ME, TEA, -105)], False),
        ([BalanceChange(ME, COIN, 200), BalanceChange(ME, TEA, -100)], False),
        ([BalanceChange(ME, COIN, 94), BalanceChange(ME, TEA, -100)], True),
        ([BalanceChange(ME, COIN, 100), BalanceChange(ME, TEA, -106)], True),
        ([BalanceChange(ME, TEA, -100)], True),
        ([*shown, BalanceChange(ME, AssetId(CHAIN, "erc721", TOKEN.address, "7"), -1)], True),
    ):
        assert bool(worse(shown, now)) is told, now
    assert worse(None, shown) == worse(shown, None) == ()
