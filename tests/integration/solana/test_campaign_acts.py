"""Everything that can be done with a campaign beside launch, issue and redeem, on the local chain through the ports."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chains.campaign import CampaignPower, CampaignTerms, ReversedRedemption, TransferPolicy
from chains.events import (
    CampaignFunded,
    CampaignPaused,
    CampaignResumed,
    Divergence,
    EscrowReclaimed,
    Fact,
    RedemptionReversed,
    VoucherIssued,
    VoucherMoved,
    VoucherRedeemed,
    VoucherVoided,
)
from chains.intent import Intent, ProgramCall
from chains.solana.campaign_acts import DropClaim
from codec.solana import token
from codec.solana.associated_token import associated_token_address
from codec.solana.burn_guard import BurnGuard
from codec.solana.drop import drop_leaf, drop_proof, drop_serial, drop_tree
from codec.solana.instruction import AccountMeta, Instruction
from codec.solana.mint_powers import MintPower
from codec.solana.programs import TOKEN, TOKEN_2022
from codec.solana.token_control import freeze_account, thaw_account
from primitives.account_id import AccountId
from primitives.asset import Amount
from primitives.errors import (
    CampaignNotActive,
    InvalidTerms,
    InvalidValue,
    TransactionReverted,
)
from primitives.voucher_id import Serial, SerialClass, VoucherId
from tests.fakes.solana_cast import YUAN, Cast


async def started(cast: Cast, *holders: AccountId, **change: object) -> CampaignTerms:
    """Launched with these terms, and issued."""
    cast.terms = replace(cast.terms, **change)  # type: ignore[arg-type]
    await cast.launch()
    if holders:
        await cast.issue(*holders)
    return cast.terms


async def news(cast: Cast, intent: Intent) -> list[Fact]:
    """The facts of one act."""
    since = (await cast.adapter.heads()).included + 1
    await cast.carry_out(intent)
    return await cast.facts(since)


async def refused(cast: Cast, intent: Intent) -> str:
    with pytest.raises(TransactionReverted) as error:
        await cast.adapter.preview(intent)
    return str(error.value.reason)


class TestMove:
    async def test_same_serials_at_another_holder(self, cast: Cast) -> None:
        friend = cast.account("friend")
        terms = await started(cast, *[cast.holder] * 3, transfer_policy=TransferPolicy.FREE)
        vouchers = [cast.voucher(3), cast.voucher(1)]
        intent = await cast.book.move(terms, cast.holder, friend, vouchers)
        assert (intent.sender, intent.cosigners) == (cast.issuer, (cast.holder, cast.authority))
        assert await news(cast, intent) == [VoucherMoved(voucher, cast.holder, friend) for voucher in vouchers]
        assert (await cast.vouchers(cast.holder), await cast.vouchers(friend)) == (1, 2)
        assert (await cast.adapter.balance(cast.holder, cast.adapter.native)).base_units == 0

    async def test_bound_vouchers_stay(self, cast: Cast) -> None:
        terms = await started(cast, cast.holder)
        with pytest.raises(InvalidTerms) as error:
            await cast.book.move(terms, cast.holder, cast.stranger, [cast.voucher()])
        assert error.value.field == "transfer_policy"
        # If the keys signed it all the same, the books would say so.
        free = replace(terms, transfer_policy=TransferPolicy.FREE)
        (fact,) = await news(cast, await cast.book.move(free, cast.holder, cast.stranger, [cast.voucher()]))
        assert isinstance(fact, Divergence)
        assert "cannot be handed on" in fact.what

    async def test_nonsense_is_refused(self, cast: Cast) -> None:
        terms = await started(cast, transfer_policy=TransferPolicy.FREE)
        other = VoucherId(cast.make_terms(salt=b"\x01" * 32).id, Serial(1, SerialClass.SINGLE, 1))
        for vouchers in ([], [cast.voucher(), cast.voucher()], [other]):
            with pytest.raises(InvalidValue):
                await cast.book.move(terms, cast.holder, cast.stranger, vouchers)
        with pytest.raises(InvalidValue):
            await cast.book.move(terms, cast.holder, cast.holder, [cast.voucher()])

    async def test_more_than_there_are(self, cast: Cast) -> None:
        terms = await started(cast, cast.holder, transfer_policy=TransferPolicy.FREE)
        intent = await cast.book.move(terms, cast.holder, cast.stranger, [cast.voucher(1), cast.voucher(2)])
        assert "no such voucher left" in await refused(cast, intent)


class TestVoid:
    async def test_with_the_holders_signature(self, cast: Cast) -> None:
        terms = await started(cast, cast.holder, cast.holder, powers=frozenset({CampaignPower.VOID}))
        intent = await cast.book.void(terms, cast.holder, [cast.voucher(2)])
        assert intent.cosigners == (cast.holder, cast.authority)
        assert await news(cast, intent) == [VoucherVoided(cast.voucher(2), cast.holder)]
        assert await cast.vouchers(cast.holder) == 1

    async def test_by_the_cold_key_of_the_terms(self, cast: Cast) -> None:
        cold = cast.account("cold")
        terms = await started(cast, cast.holder, powers=frozenset({CampaignPower.VOID}), delegate=cold)
        intent = await cast.book.void(terms, cast.holder, [cast.voucher()])
        assert intent.cosigners == (cold, cast.authority)
        assert await news(cast, intent) == [VoucherVoided(cast.voucher(), cast.holder)]

    async def test_not_declared(self, cast: Cast) -> None:
        terms = await started(cast, cast.holder)
        with pytest.raises(InvalidTerms):
            await cast.book.void(terms, cast.holder, [cast.voucher()])
        declared = replace(terms, powers=frozenset({CampaignPower.VOID}))
        (fact,) = await news(cast, await cast.book.void(declared, cast.holder, [cast.voucher()]))
        assert isinstance(fact, Divergence)
        assert "no power to void" in fact.what

    @pytest.mark.parametrize("name", ["issuer", "authority", "operator", "merchant"])
    async def test_the_cold_key_is_one_of_its_own(self, cast: Cast, name: str) -> None:
        same = replace(cast.terms, powers=frozenset({CampaignPower.VOID}), delegate=getattr(cast, name))
        with pytest.raises(InvalidTerms) as error:
            await cast.book.launch(same)
        assert error.value.field == "delegate"


class TestReverse:
    async def test_money_back_and_a_new_serial(self, cast: Cast) -> None:
        terms = await started(cast, cast.holder, refund_window=3_600)
        since = (await cast.adapter.heads()).included + 1
        await cast.redeem()
        (redeemed,) = [fact for fact in await cast.facts(since) if isinstance(fact, VoucherRedeemed)]
        now = await cast.adapter.block_time()
        undone = ReversedRedemption(
            voucher=redeemed.voucher,
            redemption_id=redeemed.redemption_id,
            order_hash=redeemed.order_hash,
            holder=redeemed.holder,
            merchant=redeemed.merchant,
            amount_minor=redeemed.amount_minor,
            payout=redeemed.payout,
            redeemed_at=now,
        )
        intent = await cast.book.reverse(terms, undone, 1, now=now)
        assert intent.cosigners == (cast.merchant,)
        again = VoucherId(terms.id, Serial(1, SerialClass.REISSUE, 1))
        assert await news(cast, intent) == [
            VoucherIssued(again, cast.holder),
            RedemptionReversed(
                again,
                redeemed.redemption_id,
                redeemed.order_hash,
                cast.holder,
                cast.merchant,
                2_000,
                20 * YUAN,
                cast.node.cny.id,
            ),
        ]
        assert (await cast.book.escrow(terms)).base_units == 200 * YUAN
        assert await cast.vouchers(cast.holder) == 1
        with pytest.raises(CampaignNotActive):
            await cast.book.reverse(terms, undone, 2, now=now + 3_600)
        with pytest.raises(InvalidTerms):
            await cast.book.reverse(replace(terms, refund_window=0), undone, 2, now=now)
        with pytest.raises(InvalidTerms):
            await cast.book.reverse(terms, replace(undone, merchant=cast.stranger), 2, now=now)
        with pytest.raises(InvalidValue):
            await cast.book.reverse(terms, replace(undone, payout=1), 2, now=now)

    async def test_without_the_money_back_it_is_a_divergence(self, cast: Cast) -> None:
        terms = await started(cast, cast.holder, refund_window=3_600)
        await cast.redeem()
        now = await cast.adapter.block_time()
        undone = ReversedRedemption(
            cast.voucher(), b"\x01" * 32, b"\x02" * 32, cast.holder, cast.merchant, 2_000, 20 * YUAN, now
        )
        intent = await cast.book.reverse(terms, undone, 1, now=now)
        assert isinstance(intent.action, ProgramCall)
        kept = tuple(item for item in intent.action.instructions if token.parse_transfer(item) is None)
        (fact,) = await news(cast, replace(intent, action=ProgramCall(kept)))
        assert isinstance(fact, Divergence)
        assert "returned 0 base units" in fact.what


class TestPause:
    async def test_everything_stops_and_goes_on(self, cast: Cast) -> None:
        powers = frozenset({CampaignPower.PAUSE})
        terms = await started(cast, cast.holder, powers=powers, transfer_policy=TransferPolicy.FREE)
        assert await news(cast, await cast.book.pause(terms)) == [CampaignPaused(terms.id)]
        stopped = [
            await cast.book.redeem([terms], cast.redemption(), {}),
            *await cast.book.issue(terms, [cast.holder], 2),
            await cast.book.move(terms, cast.holder, cast.stranger, [cast.voucher()]),
        ]
        assert [await refused(cast, intent) for intent in stopped] == ["the mint is paused"] * 3
        assert await news(cast, await cast.book.resume(terms)) == [CampaignResumed(terms.id)]
        await cast.redeem()

    async def test_nobody_else_pauses(self, cast: Cast) -> None:
        terms = await started(cast, powers=frozenset({CampaignPower.PAUSE}))
        mine = await cast.book.pause(terms)
        assert isinstance(mine.action, ProgramCall)
        (stop,) = mine.action.instructions
        theirs = replace(stop, accounts=(stop.accounts[0], replace(stop.accounts[1], key=cast.stranger.raw)))
        reason = await refused(cast, Intent(cast.stranger, ProgramCall((theirs,))))
        assert reason == "the account belongs to somebody else"

    async def test_not_declared(self, cast: Cast) -> None:
        terms = await started(cast)
        with pytest.raises(InvalidTerms):
            await cast.book.pause(terms)
        declared = replace(terms, powers=frozenset({CampaignPower.PAUSE}))
        await refused(cast, await cast.book.pause(declared))


class TestDrop:
    async def test_each_leaf_can_be_claimed(self, cast: Cast) -> None:
        people = [cast.account(f"person {number}") for number in range(5)]
        leaves = [drop_leaf(cast.terms.id, index, person.raw) for index, person in enumerate(people)]
        levels = drop_tree(leaves)
        terms = await started(cast, drop_root=levels[-1][0], drop_count=5)
        for index, person in enumerate(people):
            claim = DropClaim(index, person, drop_proof(levels, index))
            voucher = VoucherId(terms.id, drop_serial(1, index))
            assert await news(cast, await cast.book.claim(terms, claim)) == [VoucherIssued(voucher, person)]

    async def test_what_is_not_under_the_root_is_refused(self, cast: Cast) -> None:
        levels = drop_tree([drop_leaf(cast.terms.id, index, cast.holder.raw) for index in range(3)])
        terms = await started(cast, drop_root=levels[-1][0], drop_count=3)
        good = DropClaim(1, cast.holder, drop_proof(levels, 1))
        for bad in (
            replace(good, holder=cast.stranger),
            replace(good, index=2),
            replace(good, index=3),
            replace(good, proof=good.proof[1:]),
            replace(good, proof=(*good.proof, bytes(31))),
        ):
            with pytest.raises(InvalidValue):
                await cast.book.claim(terms, bad)
        with pytest.raises(InvalidTerms):
            await cast.book.claim(replace(terms, drop_root=None, drop_count=0), good)


class TestTheEnd:
    async def test_the_sponsor_gets_everything_back(self, cast: Cast) -> None:
        now = await cast.adapter.block_time()
        terms = await started(cast, valid_until=now + 5, refund_window=3)
        with pytest.raises(CampaignNotActive):
            await cast.book.reclaim(terms, now=now + 7)
        (intent,) = await cast.book.reclaim(terms, now=now + 8)
        assert (intent.sender, intent.cosigners) == (cast.merchant, (cast.operator,))
        await cast.node.chain.bank.advance(block_time=now + 8)
        assert await news(cast, intent) == [EscrowReclaimed(terms.id, cast.merchant, 200 * YUAN)]
        assert await cast.cny(cast.merchant) == 1_000 * YUAN
        assert await cast.book.escrow(terms) == Amount(0, cast.node.cny)
        assert await cast.book.reclaim(terms, now=now + 8) == ()

    async def test_rent_comes_back(self, cast: Cast) -> None:
        terms = await started(cast, cast.holder)
        with pytest.raises(InvalidValue):
            await cast.book.close_holding(terms, cast.holder)
        assert "in circulation" in await refused(cast, await cast.book.close_mint(terms))
        await cast.redeem()
        before = (await cast.adapter.balance(cast.issuer, cast.adapter.native)).base_units
        await cast.carry_out(await cast.book.close_holding(terms, cast.holder))
        await cast.carry_out(await cast.book.close_mint(terms))
        assert (await cast.adapter.balance(cast.issuer, cast.adapter.native)).base_units > before + 7_000_000
        # The address can be used again, but never unnoticed.
        since = (await cast.adapter.heads()).included + 1
        mint, *_ = await cast.book.launch(replace(terms))
        await cast.carry_out(mint)
        assert any(isinstance(fact, Divergence) for fact in await cast.facts(since))


class TestVault:
    async def test_a_gift_is_no_alarm(self, cast: Cast) -> None:
        terms = await started(cast)
        await cast.node.give(cast.stranger, cny=5 * YUAN)
        vault = (await cast.book.accounts(terms)).vault
        source = associated_token_address(cast.stranger.raw, vault.settlement_mint, TOKEN)
        given = [
            token.transfer(TOKEN, source, vault.settlement_mint, vault.address, cast.stranger.raw, YUAN, 6),
            Instruction(
                TOKEN,
                (
                    AccountMeta(source, False, True),
                    AccountMeta(vault.address, False, True),
                    AccountMeta(cast.stranger.raw, True, False),
                ),
                b"\x03" + (1).to_bytes(8, "little"),
            ),
        ]
        for instruction in given:
            assert await news(cast, Intent(cast.stranger, ProgramCall((instruction,)))) == []
        assert (await cast.book.escrow(terms)).base_units == 201 * YUAN + 1

    async def test_its_sponsor_adds_to_it(self, cast: Cast) -> None:
        terms = await started(cast)
        vault = (await cast.book.accounts(terms)).vault
        found = await news(cast, Intent(cast.merchant, ProgramCall((vault.fund(YUAN),))))
        assert found == [CampaignFunded(terms.id, cast.merchant, YUAN)]


class TestPowers:
    async def test_default_campaign(self, cast: Cast) -> None:
        terms = await started(cast)
        held = await cast.book.powers(terms)
        assert [(one.power, one.who) for one in held] == [
            (MintPower.MINT, cast.issuer.raw),
            (MintPower.CLOSE_MINT, cast.issuer.raw),
            (MintPower.CO_SIGN_BURNS, cast.authority.raw),
            (MintPower.NOBODY_CAN_TRANSFER, None),
        ]
        assert cast.authority.address in str(held[2])

    async def test_declared_powers_show(self, cast: Cast) -> None:
        cold = cast.account("cold")
        powers = frozenset({CampaignPower.PAUSE, CampaignPower.VOID})
        held = await cast.book.powers(await started(cast, powers=powers, delegate=cold))
        assert {MintPower.PAUSE, MintPower.BURN_FROM_ANYBODY} <= {one.power for one in held}


class TestClusterWithoutPermissionedBurn:
    """The same campaign, guarded by frozen accounts."""

    @pytest.fixture(autouse=True)
    def _old_cluster(self, cast: Cast) -> None:
        cast.book._guard = BurnGuard.FROZEN

    async def test_whole_life(self, cast: Cast) -> None:
        terms = await started(cast, cast.holder, cast.holder, transfer_policy=TransferPolicy.FREE)
        friend = cast.account("friend")
        moved = await news(cast, await cast.book.move(terms, cast.holder, friend, [cast.voucher(2)]))
        assert moved == [VoucherMoved(cast.voucher(2), cast.holder, friend)]
        since = (await cast.adapter.heads()).included + 1
        await cast.redeem()
        assert [type(fact).__name__ for fact in await cast.facts(since)] == ["VoucherRedeemed", "OrderPaid"]
        assert await cast.vouchers(cast.holder) == 0
        assert not [fact for fact in await cast.facts() if isinstance(fact, Divergence)]
        powers = {one.power for one in await cast.book.powers(terms)}
        assert {MintPower.FREEZE, MintPower.ACCOUNTS_BEGIN_FROZEN} <= powers

    async def test_holder_alone_finds_his_account_frozen(self, cast: Cast) -> None:
        terms = await started(cast, cast.holder)
        keys = (await cast.book.accounts(terms)).keys
        account = keys.account(cast.holder.raw)
        burn = token.burn(TOKEN_2022, account, keys.mint, cast.holder.raw, 1, 0)
        plain = Intent(cast.relayer, ProgramCall((burn,)), (cast.holder,))
        assert await refused(cast, plain) == "the account is frozen"
        thawed = (
            thaw_account(TOKEN_2022, account, keys.mint, cast.holder.raw),
            burn,
            freeze_account(TOKEN_2022, account, keys.mint, cast.holder.raw),
        )
        himself = Intent(cast.relayer, ProgramCall(thawed), (cast.holder,))
        assert await refused(cast, himself) == "the account belongs to somebody else"

    async def test_an_existing_campaign_keeps_its_guard(self, cast: Cast) -> None:
        terms = await started(cast, cast.holder)
        cast.book._guard = BurnGuard.PERMISSIONED
        cast.book._guards.clear()
        assert (await cast.book.accounts(terms)).mint.guard is BurnGuard.FROZEN
        await cast.redeem()
