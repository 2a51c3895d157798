"""Facts read from transactions that were put together by hand."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import replace

import pytest

from chains import events as facts
from chains.campaign import CampaignTerms, TransferPolicy
from chains.solana.campaign_accounts import CampaignAccounts, campaign_accounts
from chains.solana.landed import LandedTransaction, TokenHolding, landed_transaction
from chains.solana.node import Block
from chains.solana.voucher_events import voucher_events
from codec.evm.campaign_id import derive_campaign_id
from codec.solana import token
from codec.solana.associated_token import associated_token_address
from codec.solana.instruction import Instruction
from codec.solana.lookup_table import build_message_with_tables
from codec.solana.memo import memo
from codec.solana.message import build_message, decode_message
from codec.solana.programs import TOKEN, TOKEN_2022
from codec.solana.redemption import (
    RedemptionParties,
    TokensToMove,
    VoucherToBurn,
    redemption_instructions,
)
from codec.solana.voucher_memo import SerialRange, VoucherAct, VoucherMemo
from primitives.account_id import AccountId
from primitives.asset import Asset, AssetId
from primitives.base58 import encode_base58
from primitives.chain_id import ChainId
from primitives.errors import NodeUnavailable
from primitives.voucher_id import Serial, SerialClass, VoucherId

CHAIN = ChainId("solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1")
ISSUER, SPONSOR, HOLDER, OTHER, RELAYER, AUTHORITY, OPERATOR = (bytes([n]) * 32 for n in range(1, 8))
CNY = Asset(AssetId.fungible(CHAIN, encode_base58(b"\x0c" * 32)), "tCNY", 6)
ORDER = b"\x0b" * 32
END = 2_000


def account(raw: bytes) -> AccountId:
    return AccountId.from_raw(CHAIN, raw)


def campaign(salt: int = 0, cap: int = 100) -> CampaignAccounts:
    identity = (b"\x09" * 32, bytes(20), ISSUER, bytes([salt]) * 32)
    terms = CampaignTerms(
        id=derive_campaign_id(*identity),
        chain=CHAIN,
        rules_hash=identity[0],
        evm_issuer=identity[1],
        solana_issuer=ISSUER,
        salt=identity[3],
        lane=1,
        cap=cap,
        issuer=account(ISSUER),
        funder=account(SPONSOR),
        merchants=(account(SPONSOR),),
        settlement=CNY,
        max_payout=20,
        units_per_minor=1,
        sponsor_bp=5_000,
        valid_from=1_000,
        valid_until=END,
        transfer_policy=TransferPolicy.BOUND,
        title="t",
        kind="cash",
        currency="CNY",
    )
    return campaign_accounts(terms, account(AUTHORITY), account(OPERATOR), TOKEN)


ONE = campaign()


def holding(mint: bytes, owner: bytes, base_units: int, program: bytes = TOKEN_2022) -> TokenHolding:
    return TokenHolding(associated_token_address(owner, mint, program), mint, owner, base_units)


def vouchers(owner: bytes, count: int) -> TokenHolding:
    return holding(ONE.mint.address, owner, count)


def vault(base_units: int) -> TokenHolding:
    return holding(ONE.vault.settlement_mint, ONE.vault.owner, base_units, TOKEN)


def sponsor(base_units: int) -> TokenHolding:
    return holding(ONE.vault.settlement_mint, SPONSOR, base_units, TOKEN)


def read(
    instructions: Sequence[Instruction],
    before: Sequence[TokenHolding],
    after: Sequence[TokenHolding],
    *,
    time: int = 1_500,
    known: Sequence[CampaignAccounts] = (ONE,),
    payer: bytes = RELAYER,
) -> list[facts.Fact]:
    landed = LandedTransaction(
        "sig", 7, 3, b"\x01" * 32, time, build_message(payer, instructions, bytes(32)), tuple(before), tuple(after)
    )
    events = voucher_events(CHAIN, known, landed)
    assert all((e.position.height, e.position.transaction_index, e.block_time) == (7, 3, time) for e in events)
    assert len({e.position for e in events}) == len(events)
    return [event.fact for event in events]


def named(act: VoucherAct, first: int, count: int = 1) -> Instruction:
    ranges = (SerialRange(Serial(1, SerialClass.SINGLE, first), count),)
    return memo(VoucherMemo(act, ONE.terms.id, ranges).encode(), (ISSUER,))


def minted(owner: bytes, units: int) -> Instruction:
    mint = ONE.mint.address
    return token.mint_to(TOKEN_2022, mint, associated_token_address(owner, mint, TOKEN_2022), ISSUER, units, 0)


def the_divergence(found: list[facts.Fact]) -> str:
    (fact,) = found
    assert isinstance(fact, facts.Divergence)
    return fact.what


class TestIssue:
    def test_units_take_the_serials_in_order(self) -> None:
        found = read(
            [named(VoucherAct.ISSUE, 5, 3), minted(HOLDER, 2), minted(OTHER, 1)],
            [vouchers(HOLDER, 1)],
            [vouchers(HOLDER, 3), vouchers(OTHER, 1)],
        )
        ids = [VoucherId(ONE.terms.id, Serial(1, SerialClass.SINGLE, n)) for n in (5, 6, 7)]
        holders = [HOLDER, HOLDER, OTHER]
        expected = [facts.VoucherIssued(i, account(h)) for i, h in zip(ids, holders, strict=True)]
        assert found == expected

    def test_hidden_mint_by_another_program_is_a_divergence(self) -> None:
        """One unit is named and minted in the open, a second one appears by an inner instruction."""
        found = read([named(VoucherAct.ISSUE, 5), minted(HOLDER, 1)], [], [vouchers(HOLDER, 2)])
        assert "something else" in the_divergence(found)

    def test_a_memo_cannot_cause_endless_work(self) -> None:
        big = campaign(cap=2**40)
        ranges = (SerialRange(Serial(1, SerialClass.SINGLE, 1), 2**40),)
        text = VoucherMemo(VoucherAct.ISSUE, big.terms.id, ranges).encode()
        at = associated_token_address(HOLDER, big.mint.address, TOKEN_2022)
        mint = token.mint_to(TOKEN_2022, big.mint.address, at, ISSUER, 2**40, 0)
        found = read([memo(text, (ISSUER,)), mint], [], [holding(big.mint.address, HOLDER, 2**40)], known=[big])
        assert "at most" in the_divergence(found)

    @pytest.mark.parametrize("act", [VoucherAct.MOVE, VoucherAct.VOID])
    def test_acts_that_do_not_fit_are_divergences(self, act: VoucherAct) -> None:
        found = read([named(act, 5), minted(HOLDER, 1)], [], [vouchers(HOLDER, 1)])
        assert "balances say otherwise" in the_divergence(found)

    def test_another_campaigns_memo_names_nothing_here(self) -> None:
        ranges = (SerialRange(Serial(1, SerialClass.SINGLE, 1), 1),)
        other = memo(VoucherMemo(VoucherAct.ISSUE, campaign(1).terms.id, ranges).encode(), (ISSUER,))
        assert "without a memo" in the_divergence(read([other, minted(HOLDER, 1)], [], [vouchers(HOLDER, 1)]))


def redemption(payout: int, amount_minor: int = 30, merchant: bytes = SPONSOR) -> list[Instruction]:
    return list(
        redemption_instructions(
            RedemptionParties(CHAIN, RELAYER, HOLDER, merchant, AUTHORITY),
            ORDER,
            [VoucherToBurn(VoucherId(ONE.terms.id, Serial(1, SerialClass.SINGLE, 5)), ONE.mint.address, amount_minor)],
            [TokensToMove(TOKEN, ONE.vault.settlement_mint, 6, ONE.vault.address, payout)],
            None,
            [],
        )
    )


class TestRedeem:
    def test_payout_follows_the_terms(self) -> None:
        found = read(
            redemption(15), [vouchers(HOLDER, 1), vault(100), sponsor(0)], [vouchers(HOLDER, 0), vault(85), sponsor(15)]
        )
        (fact,) = found
        assert isinstance(fact, facts.VoucherRedeemed)
        assert (fact.amount_minor, fact.payout) == (30, 15)

    @pytest.mark.parametrize(
        ("payout", "merchant", "what"),
        [(16, SPONSOR, "the terms give 15"), (15, OTHER, "not a merchant of the campaign")],
    )
    def test_breaking_the_terms_is_a_divergence(self, payout: int, merchant: bytes, what: str) -> None:
        paid = holding(ONE.vault.settlement_mint, merchant, payout, TOKEN)
        found = read(
            redemption(payout, merchant=merchant),
            [vouchers(HOLDER, 1), vault(100)],
            [vouchers(HOLDER, 0), vault(100 - payout), paid],
        )
        whats = [fact.what for fact in found if isinstance(fact, facts.Divergence)]
        assert len(whats) == len(found) == 2
        assert any(what in text for text in whats)

    def test_more_units_burned_than_named_is_a_divergence(self) -> None:
        found = read(
            redemption(15), [vouchers(HOLDER, 2), vault(100), sponsor(0)], [vouchers(HOLDER, 0), vault(85), sponsor(15)]
        )
        assert "something else" in the_divergence(found)


class TestVault:
    def test_payment_into_it_is_funding(self) -> None:
        found = read([ONE.vault.fund(9)], [vault(0), sponsor(9)], [vault(9), sponsor(0)])
        assert found == [facts.CampaignFunded(ONE.terms.id, account(SPONSOR), 9)]

    def test_hidden_withdrawal_is_a_divergence(self) -> None:
        found = read([memo(b"hello", ())], [vault(9)], [vault(4)])
        assert "lost 5 base units" in the_divergence(found)

    @pytest.mark.parametrize("time", [END - 1, END])
    def test_owners_may_take_it_back_after_the_end(self, time: int) -> None:
        back = token.transfer(
            TOKEN,
            ONE.vault.address,
            ONE.vault.settlement_mint,
            ONE.vault.source,
            ONE.vault.owner,
            9,
            6,
            (SPONSOR, OPERATOR),
        )
        found = read([back], [vault(9), sponsor(0)], [vault(0), sponsor(9)], time=time, payer=SPONSOR)
        if time < END:
            assert "without a redemption" in the_divergence(found)
        else:
            assert found == [facts.EscrowReclaimed(ONE.terms.id, account(SPONSOR), 9)]


class TestLaunch:
    def test_mint_as_the_terms_say(self) -> None:
        found = read(ONE.mint.instructions(5), [], [], payer=ISSUER)
        assert found == [facts.CampaignLaunched(ONE.terms.id, ONE.terms.rules_hash, account(ISSUER))]

    @pytest.mark.parametrize("left_out", range(1, len(ONE.mint.instructions(0))))
    def test_mint_made_otherwise_is_a_divergence(self, left_out: int) -> None:
        """Whichever step is missing (the initialisation itself apart), for example NonTransferable."""
        instructions = list(ONE.mint.instructions(0))
        dropped = instructions.pop(left_out)
        found = read(instructions, [], [], payer=ISSUER)
        if token.parse_initialize_mint(dropped) is None:
            assert "otherwise" in the_divergence(found)
        else:
            assert found == []


class TestTransactionsWeCannotRead:
    """Versions to come must not stop the ledger, and hide nothing that they change."""

    def unreadable(
        self, before: Sequence[TokenHolding], after: Sequence[TokenHolding], message: bytes | None = None
    ) -> list[facts.Fact]:
        def bare(items: Sequence[TokenHolding]) -> tuple[TokenHolding, ...]:
            return tuple(replace(item, account=b"") for item in items)

        landed = LandedTransaction("sig", 7, 3, b"\x01" * 32, 1_500, message, bare(before), bare(after))
        return [event.fact for event in voucher_events(CHAIN, [ONE], landed)]

    def test_one_that_only_names_a_mint(self) -> None:
        assert self.unreadable([vouchers(HOLDER, 2), vault(9)], [vouchers(HOLDER, 2), vault(9)]) == []

    def test_one_that_gives_to_the_vault(self) -> None:
        assert self.unreadable([vault(9)], [vault(10)]) == []

    def test_one_that_changes_units_or_takes_from_the_vault(self) -> None:
        assert "version that cannot be read" in the_divergence(self.unreadable([], [vouchers(HOLDER, 1)]))
        assert "lost 1 base units" in the_divergence(self.unreadable([vault(9)], [vault(8)]))

    def test_bytes_of_an_unknown_version(self) -> None:
        """As a node hands them over: signatures, then a message of version 9."""
        raw = b"\x01" + bytes(64) + b"\x89" + bytes(40)
        document = {
            "slot": 7,
            "transaction": [base64.b64encode(raw).decode(), "base64"],
            "meta": {"preTokenBalances": [], "postTokenBalances": None, "loadedAddresses": None},
        }
        landed = landed_transaction("sig", document, Block(b"\x01" * 32, 1_500, ("sig",)))
        assert landed.message is None
        assert voucher_events(CHAIN, [ONE], landed) == []
        with pytest.raises(NodeUnavailable):
            landed_transaction("other", document, Block(b"\x01" * 32, 1_500, ("sig",)))

    def test_accounts_from_lookup_tables_are_read(self) -> None:
        note, mint = named(VoucherAct.ISSUE, 5), minted(HOLDER, 1)
        table = {b"\x77" * 32: tuple(meta.key for meta in mint.accounts)}
        message = build_message_with_tables(ISSUER, [note, mint], bytes(32), table)
        decoded = decode_message(message)
        assert decoded.lookups
        addresses = table[b"\x77" * 32]
        landed = LandedTransaction(
            "sig",
            7,
            3,
            b"\x01" * 32,
            1_500,
            message,
            (),
            (vouchers(HOLDER, 1),),
            tuple(addresses[i] for item in decoded.lookups for i in item.writable_indexes),
            tuple(addresses[i] for item in decoded.lookups for i in item.readonly_indexes),
        )
        (event,) = voucher_events(CHAIN, [ONE], landed)
        assert event.fact == facts.VoucherIssued(
            VoucherId(ONE.terms.id, Serial(1, SerialClass.SINGLE, 5)), account(HOLDER)
        )


class TestActs:
    def test_a_memo_that_its_party_has_not_signed(self) -> None:
        ranges = (SerialRange(Serial(1, SerialClass.SINGLE, 5), 1),)
        text = VoucherMemo(VoucherAct.ISSUE, ONE.terms.id, ranges).encode()
        found = read([memo(text, (HOLDER,)), minted(HOLDER, 1)], [], [vouchers(HOLDER, 1)])
        assert "not signed by the issuer" in the_divergence(found)

    def test_serials_of_a_drop_lie_below_its_count(self) -> None:
        ranges = (SerialRange(Serial(1, SerialClass.DROP, 0), 1),)
        text = VoucherMemo(VoucherAct.ISSUE, ONE.terms.id, ranges).encode()
        found = read([memo(text, (ISSUER,)), minted(HOLDER, 1)], [], [vouchers(HOLDER, 1)])
        assert "beyond the drop of 0" in the_divergence(found)
