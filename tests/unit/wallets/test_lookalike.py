"""Addresses and symbols that are made to be mistaken."""

from __future__ import annotations

import pytest

from primitives.account_id import AccountId
from primitives.chain_id import ChainId
from wallets.assets.lookalike import imitates, lures, resembles

CHAIN = ChainId.evm(1)


def _address(head: str, tail: str, filler: str) -> AccountId:
    return AccountId.of(CHAIN, "0x" + head + filler * (40 - len(head) - len(tail)) + tail)


PAID = _address("ab12", "cd34", "1")


class TestAddresses:
    def test_same_ends_as_somebody_paid_is_a_lookalike(self) -> None:
        assert resembles(_address("ab12", "cd34", "2"), [PAID]) == PAID

    @pytest.mark.parametrize(("head", "tail"), [("ab13", "cd34"), ("ab12", "cd35"), ("00ab", "34cd")])
    def test_other_ends_are_not(self, head: str, tail: str) -> None:
        assert resembles(_address(head, tail, "2"), [PAID]) is None

    def test_somebody_paid_before_is_himself(self) -> None:
        assert resembles(PAID, [_address("ab12", "cd34", "2"), PAID]) is None


class TestWords:
    @pytest.mark.parametrize("symbol", ["USDC", "usdc", "U S D C", "ＵＳＤＣ", "USDС", "$USDC"])
    def test_symbols_that_read_alike_imitate(self, symbol: str) -> None:
        assert imitates(symbol, {"USDC"})

    def test_others_do_not(self) -> None:
        assert not imitates("USDT", {"USDC"})

    @pytest.mark.parametrize("name", ["Visit usdc-drop.xyz", "1000 AIRDROP", "claim at t.me/x"])
    def test_names_that_send_somewhere_are_lures(self, name: str) -> None:
        assert lures(name)
        assert not lures("Wrapped Ether")
