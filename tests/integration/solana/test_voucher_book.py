"""A campaign from launch to redemption on the local Solana chain, through the ports alone."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import replace

import pytest

from chains.campaign import RedemptionItem
from chains.events import (
    CampaignFunded,
    CampaignLaunched,
    Divergence,
    OrderPaid,
    VoucherIssued,
    VoucherRedeemed,
)
from chains.intent import Intent, ProgramCall, Transfer
from codec.evm.redemption_id import redemption_id
from codec.solana import token
from codec.solana.associated_token import associated_token_address, create_associated_token
from codec.solana.instruction import Instruction
from codec.solana.memo import memo
from codec.solana.programs import TOKEN, TOKEN_2022
from codec.solana.redemption import decode_redemption
from codec.solana.token_extensions import permissioned_burn
from codec.solana.voucher_memo import SerialRange, VoucherAct, VoucherMemo
from primitives.account_id import AccountId
from primitives.asset import Amount
from primitives.errors import (
    AmountNotPositive,
    CampaignExhausted,
    CampaignNotFound,
    InsufficientFunds,
    InvalidTerms,
    InvalidValue,
    TransactionRejected,
    TransactionReverted,
)
from primitives.position import Finality
from primitives.voucher_id import Serial, SerialClass
from tests.fakes.solana_cast import ORDER, SOL, YUAN, Cast


def call(sender: AccountId, instructions: Sequence[Instruction], *cosigners: AccountId) -> Intent:
    return Intent(sender, ProgramCall(tuple(instructions)), cosigners)


def mint_of(cast: Cast) -> bytes:
    return AccountId(cast.node.chain_id, cast.terms_mint.reference).raw


def vouchers_of(cast: Cast, account: AccountId) -> bytes:
    return associated_token_address(account.raw, mint_of(cast), TOKEN_2022)


class TestLaunch:
    async def test_campaign_exists_and_is_funded(self, cast: Cast) -> None:
        await cast.launch()
        assert await cast.book.escrow(cast.terms) == Amount(200 * YUAN, cast.node.cny)
        assert await cast.cny(cast.merchant) == 800 * YUAN
        assert await cast.facts() == [
            CampaignLaunched(cast.terms.id, cast.terms.rules_hash, cast.issuer),
            CampaignFunded(cast.terms.id, cast.merchant, 200 * YUAN),
        ]

    async def test_it_continues_where_it_stopped_and_funds_once(self, cast: Cast) -> None:
        mint, vault = await cast.book.launch(cast.terms)
        assert (mint.sender, mint.cosigners) == (cast.issuer, ())
        assert (vault.sender, vault.cosigners) == (cast.merchant, (cast.operator,))
        await cast.carry_out(mint)
        assert await cast.book.launch(cast.terms) == [vault]
        await cast.carry_out(vault)
        assert await cast.book.launch(cast.terms) == []
        await cast.issue()
        await cast.redeem()
        assert await cast.book.launch(cast.terms) == []

    async def test_intents_survive_storage(self, cast: Cast) -> None:
        for intent in await cast.book.launch(cast.terms):
            assert Intent.from_json(intent.to_json()) == intent

    async def test_sponsor_without_money_gets_both_figures(self, cast: Cast) -> None:
        terms = cast.make_terms(cap=51)
        mint, vault = await cast.book.launch(terms)
        await cast.carry_out(mint)
        with pytest.raises(InsufficientFunds) as lacking:
            await cast.adapter.preview(vault)
        assert (lacking.value.needed, lacking.value.available) == (1_020 * YUAN, 1_000 * YUAN)
        assert lacking.value.asset == str(cast.node.cny.id)

    async def test_issuer_without_sol_gets_both_figures(self, cast: Cast) -> None:
        poor = cast.account("poor")
        mint, _ = await cast.book.launch(cast.terms)
        moved = Intent(poor, Transfer(Amount(5, cast.adapter.native), cast.holder))
        with pytest.raises((InsufficientFunds, TransactionReverted)):
            await cast.adapter.preview(moved)
        await cast.carry_out(Intent(cast.issuer, Transfer(Amount(SOL - 3_000_000, cast.adapter.native), cast.stranger)))
        with pytest.raises(InsufficientFunds) as lacking:
            await cast.adapter.preview(mint)
        assert lacking.value.available == 3_000_000 - 5_000
        assert lacking.value.needed > 5_000_000

    @pytest.mark.parametrize(
        ("change", "field"),
        [({"kind": "points"}, "kind"), ({"solana_issuer": bytes(32)}, "issuer"), ({"max_payout": 2**62}, "cap")],
    )
    async def test_terms_that_solana_cannot_carry_are_refused(
        self, cast: Cast, change: dict[str, object], field: str
    ) -> None:
        with pytest.raises(InvalidTerms) as refused:
            await cast.book.launch(replace(cast.terms, **change))  # type: ignore[arg-type]
        assert refused.value.field == field


class TestIssue:
    async def test_every_holder_gets_a_numbered_voucher(self, cast: Cast) -> None:
        await cast.launch()
        since = (await cast.adapter.heads()).included + 1
        people = [cast.account(f"person {number}") for number in range(10)]
        receipts = await cast.issue(*people)
        assert len(receipts) == 2
        assert await cast.facts(since) == [
            VoucherIssued(cast.voucher(number), person) for number, person in enumerate(people, 1)
        ]
        assert [await cast.vouchers(person) for person in people] == [1] * 10

    async def test_two_for_one_holder_have_two_numbers(self, cast: Cast) -> None:
        await cast.launch()
        await cast.issue(cast.holder, cast.stranger, cast.holder)
        issued = [fact for fact in await cast.facts() if isinstance(fact, VoucherIssued)]
        assert [(fact.voucher, fact.holder) for fact in issued] == [
            (cast.voucher(1), cast.holder),
            (cast.voucher(2), cast.stranger),
            (cast.voucher(3), cast.holder),
        ]
        positions = [event.position for event in await cast.events()]
        assert len(set(positions)) == len(positions)

    async def test_same_question_has_the_same_answer_after_landing(self, cast: Cast) -> None:
        await cast.launch()
        before = await cast.book.issue(cast.terms, [cast.holder], 1)
        await cast.carry_out_all(before)
        assert await cast.book.issue(cast.terms, [cast.holder], 1) == before

    async def test_numbers_beyond_the_cap_are_refused(self, cast: Cast) -> None:
        with pytest.raises(CampaignExhausted):
            await cast.book.issue(cast.terms, [cast.holder] * 2, 10)
        with pytest.raises(CampaignExhausted):
            await cast.book.issue(cast.terms, [cast.holder], 0)
        with pytest.raises(AmountNotPositive):
            await cast.book.issue(cast.terms, [], 1)


class TestRedeem:
    async def test_everything_happens_in_one_transaction(self, cast: Cast) -> None:
        await cast.launch()
        await cast.issue()
        since = (await cast.adapter.heads()).included + 1
        receipt = await cast.redeem()
        assert await cast.cny(cast.merchant) == (800 + 20 + 80) * YUAN
        assert await cast.cny(cast.holder) == 920 * YUAN
        assert await cast.vouchers(cast.holder) == 0
        assert (await cast.book.escrow(cast.terms)).base_units == 180 * YUAN
        events = await cast.events(since)
        assert [event.fact for event in events] == [
            VoucherRedeemed(
                voucher=cast.voucher(),
                redemption_id=redemption_id(cast.voucher(), cast.holder, cast.merchant, ORDER, 2_000, 0),
                order_hash=ORDER,
                holder=cast.holder,
                merchant=cast.merchant,
                amount_minor=2_000,
                payout=20 * YUAN,
                settlement=cast.node.cny.id,
            ),
            OrderPaid(ORDER, cast.holder, cast.merchant, cast.node.cny.id, 80 * YUAN),
        ]
        for event in events:
            assert (event.tx_hash, event.position.height) == (receipt.tx_hash, receipt.height)
            assert (event.position.block_hash, event.block_time) == (receipt.block_hash, receipt.block_time)

    async def test_holder_needs_no_sol_and_the_relayer_pays_the_fee(self, cast: Cast) -> None:
        await cast.launch()
        await cast.issue()
        receipt = await cast.redeem()
        assert (await cast.adapter.balance(cast.holder, cast.adapter.native)).base_units == 0
        left = (await cast.adapter.balance(cast.relayer, cast.adapter.native)).base_units
        assert left == SOL - receipt.fee_paid.base_units

    async def test_merchant_may_send_it_itself(self, cast: Cast) -> None:
        await cast.launch()
        await cast.issue()
        intent = await cast.book.redeem([cast.terms], replace(cast.redemption(), submitter=cast.merchant), {})
        assert (intent.sender, intent.cosigners) == (cast.merchant, (cast.holder, cast.authority))
        await cast.carry_out(intent)

    async def test_authority_signs_last_and_can_read_everything(self, cast: Cast) -> None:
        await cast.launch()
        await cast.issue()
        intent = await cast.book.redeem([cast.terms], cast.redemption(), {})
        assert intent.cosigners == (cast.holder, cast.merchant, cast.authority)
        preview = await cast.adapter.preview(intent)
        prepared = await cast.adapter.prepare(intent, nonce=None, preview=preview)
        decoded = decode_redemption(prepared.payload, cast.node.chain_id)
        decoded.check_campaigns({cast.terms.id: await cast.book.redemption_rule(cast.terms)})
        assert [item.voucher for item in decoded.vouchers] == [cast.voucher()]

    async def test_order_without_remainder(self, cast: Cast) -> None:
        await cast.launch()
        await cast.issue()
        await cast.redeem(cast.redemption(remainder=0))
        assert await cast.cny(cast.holder) == 1_000 * YUAN
        assert [fact for fact in await cast.facts() if isinstance(fact, OrderPaid)] == []

    async def test_several_vouchers_of_one_campaign(self, cast: Cast) -> None:
        await cast.launch()
        await cast.issue(*[cast.holder] * 5)
        since = (await cast.adapter.heads()).included + 1
        await cast.redeem(cast.redemption(5, 1, 2, 3))
        found = await cast.facts(since)
        redeemed = [fact for fact in found if isinstance(fact, VoucherRedeemed)]
        assert [fact.voucher for fact in redeemed] == [cast.voucher(number) for number in (5, 1, 2, 3)]
        assert len({fact.redemption_id for fact in redeemed}) == 4
        assert (await cast.vouchers(cast.holder), len(found)) == (1, 5)
        assert await cast.cny(cast.merchant) == (800 + 4 * 20 + 80) * YUAN

    async def test_vouchers_of_two_campaigns(self, cast: Cast) -> None:
        """Each vault pays its own share, all or nothing."""
        await cast.launch()
        await cast.issue()
        other = cast.make_terms(salt=b"\x01" * 32)
        await cast.carry_out_all(await cast.book.launch(other))
        await cast.carry_out_all(await cast.book.issue(other, [cast.holder], 1))
        items = (RedemptionItem(cast.voucher(), 2_000, 0), RedemptionItem(cast.voucher(1, other), 1_500, 0))
        both = replace(cast.redemption(), items=items)
        since = (await cast.adapter.heads()).included + 1
        await cast.carry_out(await cast.book.redeem([cast.terms, other], both, {}))
        head = (await cast.adapter.heads()).included
        found = [event.fact for event in (await cast.book.events([cast.terms, other], since, head)).events]
        assert [fact.payout for fact in found if isinstance(fact, VoucherRedeemed)] == [20 * YUAN, 15 * YUAN]
        assert len(found) == 3
        assert (await cast.book.escrow(other)).base_units == 185 * YUAN

    async def test_room_is_told_by_the_merchants_account(self, cast: Cast) -> None:
        assert await cast.book.most_vouchers(cast.merchant, cast.node.cny) == 2
        assert await cast.book.most_vouchers(cast.stranger, cast.node.cny) == 1

    async def test_order_that_does_not_fit_is_refused_before_anyone_signs(self, cast: Cast) -> None:
        with pytest.raises(InvalidValue) as refused:
            await cast.book.redeem([cast.terms], cast.redemption(*range(1, 8)), {})
        assert refused.value.size > refused.value.limit == 1232

    async def test_foreign_campaign_is_refused(self, cast: Cast) -> None:
        with pytest.raises(CampaignNotFound):
            await cast.book.redeem([], cast.redemption(), {})

    async def test_payout_beyond_the_allowance_is_refused(self, cast: Cast) -> None:
        """The vault's owners may lower what the authority can spend; then nothing is burned either."""
        await cast.launch()
        await cast.issue()
        one = await cast.book.accounts(cast.terms)
        await cast.carry_out(call(cast.merchant, [one.vault.approve(YUAN)], cast.operator))
        with pytest.raises(TransactionReverted) as refused:
            await cast.redeem()
        assert "allowance" in refused.value.reason
        assert await cast.vouchers(cast.holder) == 1

    async def test_holder_without_money_gets_both_figures(self, cast: Cast) -> None:
        await cast.launch()
        await cast.issue()
        with pytest.raises(InsufficientFunds) as lacking:
            await cast.redeem(cast.redemption(remainder=1_001 * YUAN))
        assert (lacking.value.needed, lacking.value.available) == (1_001 * YUAN, 1_000 * YUAN)


class TestTheChainRefuses:
    async def reverted(self, cast: Cast, intent: Intent) -> str:
        with pytest.raises(TransactionReverted) as refused:
            await cast.adapter.preview(intent)
        return str(refused.value.reason)

    async def test_second_burn(self, cast: Cast) -> None:
        await cast.launch()
        await cast.issue()
        first = await cast.signed(await cast.book.redeem([cast.terms], cast.redemption(), {}))
        second = await cast.signed(await cast.book.redeem([cast.terms], cast.redemption(order=b"\x0c" * 32), {}))
        await cast.adapter.broadcast(first)
        await cast.node.advance()
        reason = await self.reverted(cast, await cast.book.redeem([cast.terms], cast.redemption(), {}))
        assert reason == "the holder has no such voucher left: it was redeemed before"
        with pytest.raises(TransactionRejected) as refused:
            await cast.adapter.broadcast(second)
        assert refused.value.reason == reason
        assert (await cast.book.escrow(cast.terms)).base_units == 180 * YUAN

    async def test_second_burn_that_reached_a_block(self, cast: Cast) -> None:
        """Without preflight the fee is charged, nothing moves, and the receipt says why."""
        await cast.launch()
        await cast.issue()
        second = await cast.signed(await cast.book.redeem([cast.terms], cast.redemption(order=b"\x0c" * 32), {}))
        await cast.redeem()
        options = {"encoding": "base64", "skipPreflight": True}
        await cast.adapter.node.rpc.call("sendTransaction", base64.b64encode(second.raw).decode(), options)
        await cast.node.advance()
        receipt = await cast.adapter.receipt(second.tx_hash)
        assert receipt is not None
        assert (receipt.ok, receipt.reason) == (
            False,
            "the holder has no such voucher left: it was redeemed before",
        )
        assert receipt.fee_paid.base_units > 0
        assert await cast.cny(cast.holder) == 920 * YUAN
        assert not [fact for fact in await cast.facts() if isinstance(fact, Divergence)]

    async def test_holder_alone(self, cast: Cast) -> None:
        await cast.launch()
        await cast.issue()
        account, mint = vouchers_of(cast, cast.holder), mint_of(cast)
        plain = call(cast.relayer, [token.burn(TOKEN_2022, account, mint, cast.holder.raw, 1, 0)], cast.holder)
        assert "redemption authority" in await self.reverted(cast, plain)
        himself = call(
            cast.relayer, [permissioned_burn(account, mint, cast.holder.raw, cast.holder.raw, 1)], cast.holder
        )
        assert "redemption authority" in await self.reverted(cast, himself)

    async def test_stranger(self, cast: Cast) -> None:
        await cast.launch()
        await cast.issue()
        theft = permissioned_burn(
            vouchers_of(cast, cast.holder), mint_of(cast), cast.authority.raw, cast.stranger.raw, 1
        )
        reason = await self.reverted(cast, call(cast.stranger, [theft], cast.authority))
        assert reason == "the voucher belongs to somebody else"

    async def test_transfer(self, cast: Cast) -> None:
        await cast.launch()
        await cast.issue()
        gift = [
            create_associated_token(cast.stranger.raw, cast.stranger.raw, mint_of(cast), TOKEN_2022),
            token.transfer(
                TOKEN_2022,
                vouchers_of(cast, cast.holder),
                mint_of(cast),
                vouchers_of(cast, cast.stranger),
                cast.holder.raw,
                1,
                0,
            ),
        ]
        reason = await self.reverted(cast, call(cast.stranger, gift, cast.holder))
        assert reason == "tokens of this mint cannot be transferred"

    async def test_issuing_by_a_stranger(self, cast: Cast) -> None:
        await cast.launch()
        await cast.issue()
        forged = token.mint_to(TOKEN_2022, mint_of(cast), vouchers_of(cast, cast.holder), cast.stranger.raw, 1, 0)
        assert await self.reverted(cast, call(cast.stranger, [forged])) == "the account belongs to somebody else"

    async def test_vault_by_its_sponsor_alone(self, cast: Cast) -> None:
        await cast.launch()
        vault = (await cast.book.accounts(cast.terms)).vault
        take = token.transfer(
            TOKEN, vault.address, vault.settlement_mint, vault.source, vault.owner, 1, 6, (cast.merchant.raw,)
        )
        assert "signature" in await self.reverted(cast, call(cast.merchant, [take]))


class TestEvents:
    async def test_burn_whose_memo_lies_is_a_divergence(self, cast: Cast) -> None:
        """The authority would never sign this; if its key did, the books must say so."""
        await cast.launch()
        await cast.issue()
        good = await cast.book.redeem([cast.terms], cast.redemption(), {})
        assert isinstance(good.action, ProgramCall)
        burn, note, *payments = good.action.instructions
        lie = replace(VoucherMemo.parse(note.data), amount_minor=1)
        since = (await cast.adapter.heads()).included + 1
        parties = (cast.holder.raw, cast.merchant.raw)
        forged = replace(good, action=ProgramCall((burn, memo(lie.encode(), parties), *payments)))
        await cast.carry_out(forged)
        found = await cast.facts(since)
        assert {type(fact) for fact in found} == {Divergence}
        assert any("redemption id" in fact.what for fact in found if isinstance(fact, Divergence))

    async def test_units_without_serials_are_a_divergence(self, cast: Cast) -> None:
        await cast.launch()
        await cast.issue()
        since = (await cast.adapter.heads()).included + 1
        mint, account = mint_of(cast), vouchers_of(cast, cast.holder)
        silent = token.mint_to(TOKEN_2022, mint, account, cast.issuer.raw, 1, 0)
        await cast.carry_out(call(cast.issuer, [silent]))
        (fact,) = await cast.facts(since)
        assert isinstance(fact, Divergence)
        assert "without a memo" in fact.what

    @pytest.mark.parametrize(
        ("first", "count", "units", "what"),
        [
            (Serial(1, SerialClass.SINGLE, 2), 2, 1, "2 serials are named for 1 units"),
            (Serial(1, SerialClass.SINGLE, 2), 1, 2, "1 serials are named for 2 units"),
            (Serial(0, SerialClass.SINGLE, 2), 1, 1, "lane 0"),
            (Serial(1, SerialClass.SINGLE, 11), 1, 1, "beyond the cap"),
        ],
    )
    async def test_serials_must_match_the_units(
        self, cast: Cast, first: Serial, count: int, units: int, what: str
    ) -> None:
        await cast.launch()
        await cast.issue()
        since = (await cast.adapter.heads()).included + 1
        text = VoucherMemo(VoucherAct.ISSUE, cast.terms.id, (SerialRange(first, count),)).encode()
        minted = token.mint_to(TOKEN_2022, mint_of(cast), vouchers_of(cast, cast.holder), cast.issuer.raw, units, 0)
        await cast.carry_out(call(cast.issuer, [memo(text, (cast.issuer.raw,)), minted]))
        (fact,) = await cast.facts(since)
        assert isinstance(fact, Divergence)
        assert what in fact.what

    async def test_vault_emptied_by_its_owners_before_the_end_is_a_divergence(self, cast: Cast) -> None:
        await cast.launch()
        vault = (await cast.book.accounts(cast.terms)).vault
        since = (await cast.adapter.heads()).included + 1
        take = token.transfer(
            TOKEN,
            vault.address,
            vault.settlement_mint,
            vault.source,
            vault.owner,
            5,
            6,
            (cast.merchant.raw, cast.operator.raw),
        )
        await cast.carry_out(call(cast.merchant, [take], cast.operator))
        (fact,) = await cast.facts(since)
        assert fact == Divergence(cast.terms.id, "the vault paid 5 base units without a redemption")

    async def test_memo_by_anybody_changes_nothing(self, cast: Cast) -> None:
        await cast.launch()
        since = (await cast.adapter.heads()).included + 1
        claim = VoucherMemo(
            VoucherAct.ISSUE, cast.terms.id, (SerialRange(Serial(1, SerialClass.SINGLE, 1), 1),)
        ).encode()
        loud = [
            memo(claim, (cast.stranger.raw,)),
            create_associated_token(cast.stranger.raw, cast.stranger.raw, mint_of(cast), TOKEN_2022),
        ]
        await cast.carry_out(call(cast.stranger, loud))
        assert await cast.facts(since) == []

    async def test_scan_in_pieces_equals_scan_at_once(self, cast: Cast) -> None:
        await cast.launch()
        await cast.issue(*[cast.holder] * 10)
        for number in range(1, 4):
            await cast.redeem(cast.redemption(number, remainder=number, order=bytes([number]) * 32))
        head = (await cast.adapter.heads()).included
        whole = await cast.events()
        pieces = [
            event for slot in range(head + 1) for event in (await cast.book.events([cast.terms], slot, slot)).events
        ]
        assert tuple(pieces) == whole
        assert len({event.position for event in whole}) == len(whole) == 2 + 10 + 2 * 3

    async def test_receipts_become_final(self, cast: Cast) -> None:
        mint, _ = await cast.book.launch(cast.terms)
        receipt = await cast.carry_out(mint)
        assert receipt.finality is Finality.SAFE
        await cast.node.finalise()
        later = await cast.adapter.receipt(receipt.tx_hash)
        assert later is not None
        assert later.finality is Finality.FINALIZED
        assert later.block_hash == await cast.adapter.block_hash(later.height)
