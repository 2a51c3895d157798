"""Transfers of every kind of token on the local chain: what can be met is met, the rest is refused with its reason."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chains.intent import Intent, ProgramCall, Transfer
from chains.solana import token_accounts
from codec.solana import token
from codec.solana.associated_token import associated_token_address
from codec.solana.instruction import Instruction
from codec.solana.lookup_table import create_lookup_table, extend_lookup_table, lookup_table_address
from codec.solana.memo import memo
from codec.solana.message import decode_message, decode_transaction
from codec.solana.programs import TOKEN, TOKEN_2022
from codec.solana.system import transfer as send_lamports
from codec.solana.token_control import freeze_account
from codec.solana.token_extensions import ExtensionType, pause, reallocate, require_memo
from primitives.account_id import AccountId
from primitives.asset import Amount, Asset, AssetId
from primitives.errors import (
    AmountNotPositive,
    AssetMismatch,
    FeatureUnavailable,
    InsufficientFunds,
    InvalidAddress,
    InvalidValue,
    TransactionReverted,
    UnknownAsset,
)
from primitives.signing import Curve, Signature
from tests.fakes.solana_cast import SOL, YUAN, Cast
from tests.integration.solana.token_mints import account_of, give, make_token, mint_of, transfer_fee, transfer_hook


def pay(cast: Cast, units: int, asset: Asset, to: AccountId | None = None) -> Intent:
    return Intent(cast.stranger, Transfer(Amount(units, asset), to or cast.account("friend")))


async def reason(cast: Cast, intent: Intent) -> str:
    with pytest.raises(TransactionReverted) as refused:
        await cast.adapter.preview(intent)
    return str(refused.value.reason)


async def held(cast: Cast, owner: AccountId, asset: Asset) -> int:
    return (await cast.adapter.balance(owner, asset)).base_units


class TestToken2022:
    async def test_a_memo_is_added_where_the_recipient_demands_one(self, cast: Cast) -> None:
        coin, friend = await make_token(cast, "plain", 82), cast.account("friend")
        await give(cast, coin, cast.stranger, 500)
        await give(cast, coin, friend, 1)
        await cast.node.give(friend, lamports=SOL)
        account = account_of(friend, coin)
        demand = (
            reallocate(account, friend.raw, friend.raw, [ExtensionType.MEMO_TRANSFER]),
            require_memo(account, friend.raw, required=True),
        )
        await cast.carry_out(Intent(friend, ProgramCall(demand)))
        await cast.carry_out(pay(cast, 200, coin))
        assert await held(cast, friend, coin) == 201
        bare = token.transfer(
            TOKEN_2022, account_of(cast.stranger, coin), mint_of(coin), account, cast.stranger.raw, 1, 2
        )
        assert await reason(cast, Intent(cast.stranger, ProgramCall((bare,)))) == "the recipient demands a memo"

    async def test_a_fee_is_named_before_signing(self, cast: Cast) -> None:
        coin = await make_token(cast, "fee", 278, transfer_fee(250, 30))
        await give(cast, coin, cast.stranger, 10_000)
        for units, kept in ((399, 10), (10, 1), (9_000, 30)):
            intent = pay(cast, units, coin)
            preview = await cast.adapter.preview(intent)
            (notice,) = preview.notices
            assert notice.code == "transfer_fee"
            assert str(Amount(units - kept, coin)) in notice.message
            before = await held(cast, cast.account("friend"), coin)
            await cast.carry_out(intent)
            assert await held(cast, cast.account("friend"), coin) == before + units - kept

    async def test_what_cannot_be_sent_says_why(self, cast: Cast) -> None:
        bound = await make_token(cast, "bound", 170, b"\x20")
        hooked = await make_token(cast, "hook", 234, transfer_hook(b"\x08" * 32))
        stopped = await make_token(cast, "pause", 203, b"\x2c\x00" + cast.issuer.raw)
        for coin in (bound, hooked, stopped):
            await give(cast, coin, cast.stranger, 5)
        await cast.carry_out(Intent(cast.issuer, ProgramCall((pause(mint_of(stopped), cast.issuer.raw),))))
        assert await reason(cast, pay(cast, 1, bound)) == "tokens of this mint cannot be transferred"
        assert "a program of its own" in await reason(cast, pay(cast, 1, hooked))
        assert await reason(cast, pay(cast, 1, stopped)) == "the mint is paused"

    async def test_a_frozen_account_on_either_side(self, cast: Cast) -> None:
        coin, friend = await make_token(cast, "freeze", 82, freezer=cast.issuer), cast.account("friend")
        await give(cast, coin, cast.stranger, 5)
        await give(cast, coin, friend, 5)
        for owner, words in ((friend, "recipient's account is frozen"), (cast.stranger, "your account is frozen")):
            stop = freeze_account(TOKEN_2022, account_of(owner, coin), mint_of(coin), cast.issuer.raw)
            await cast.carry_out(Intent(cast.issuer, ProgramCall((stop,))))
            assert words in await reason(cast, pay(cast, 1, coin))

    async def test_powers_are_read_from_any_mint(self, cast: Cast) -> None:
        coin = await make_token(cast, "freeze", 82, freezer=cast.operator)
        told = [str(power) for power in await cast.adapter.powers(coin.id)]
        assert any("freeze an account" in text and cast.operator.address in text for text in told)
        with pytest.raises(UnknownAsset):
            await cast.adapter.powers(cast.adapter.native.id)


class TestWrappedSol:
    async def test_there_and_back(self, cast: Cast) -> None:
        asset = await cast.adapter.asset(token_accounts.wrapped_sol(cast.node.chain_id))
        assert asset.decimals == 9
        before = await held(cast, cast.stranger, cast.adapter.native)
        wrapping = await cast.carry_out(token_accounts.wrap(cast.stranger, 50_000_000))
        assert await held(cast, cast.stranger, asset) == 50_000_000
        sent = await cast.carry_out(pay(cast, 20_000_000, asset, cast.relayer))
        back = await cast.carry_out(token_accounts.unwrap(cast.stranger))
        fees = sum(receipt.fee_paid.base_units for receipt in (wrapping, sent, back))
        (rent,) = await cast.adapter.node.rents([165])
        assert await held(cast, cast.stranger, cast.adapter.native) == before - 20_000_000 - fees - rent
        assert await held(cast, cast.relayer, asset) == 20_000_000
        with pytest.raises(AmountNotPositive):
            token_accounts.wrap(cast.stranger, 0)


class TestTokenAccounts:
    async def test_only_an_empty_one_is_closed(self, cast: Cast) -> None:
        await cast.node.give(cast.stranger, cny=YUAN)
        with pytest.raises(InvalidValue) as full:
            await token_accounts.close_empty(cast.adapter.node, cast.stranger, cast.node.cny.id)
        assert full.value.held == YUAN
        await cast.carry_out(pay(cast, YUAN, cast.node.cny))
        before = await held(cast, cast.stranger, cast.adapter.native)
        closing = await token_accounts.close_empty(cast.adapter.node, cast.stranger, cast.node.cny.id)
        await cast.carry_out(closing)
        assert await held(cast, cast.stranger, cast.adapter.native) > before + 2_000_000
        with pytest.raises(InsufficientFunds):
            await token_accounts.close_empty(cast.adapter.node, cast.stranger, cast.node.cny.id)

    async def test_an_allowance_is_taken_back(self, cast: Cast) -> None:
        node, cny = cast.adapter.node, cast.node.cny
        await cast.node.give(cast.stranger, cny=YUAN)
        assert await token_accounts.take_back_allowance(node, cast.stranger, cny.id) is None
        source = associated_token_address(cast.stranger.raw, mint_of(cny), TOKEN)
        allow = token.approve(TOKEN, source, mint_of(cny), cast.relayer.raw, cast.stranger.raw, 5, 6)
        await cast.carry_out(Intent(cast.stranger, ProgramCall((allow,))))
        ending = await token_accounts.take_back_allowance(node, cast.stranger, cny.id)
        assert ending is not None
        await cast.carry_out(ending)
        assert await token_accounts.take_back_allowance(node, cast.stranger, cny.id) is None


class TestBadInput:
    async def test_off_curve_recipient(self, cast: Cast) -> None:
        nobody = AccountId.from_raw(cast.node.chain_id, b"\x44" * 32)
        for asset in (cast.adapter.native, cast.node.cny):
            with pytest.raises(InvalidAddress) as refused:
                await cast.adapter.preview(pay(cast, 10**9, asset, nobody))
            assert "not the address of a key" in refused.value.message

    async def test_token_account_as_recipient(self, cast: Cast) -> None:
        account = associated_token_address(cast.holder.raw, mint_of(cast.node.cny), TOKEN)
        for asset in (cast.adapter.native, cast.node.cny):
            with pytest.raises(InvalidAddress):
                await cast.adapter.preview(pay(cast, 1, asset, AccountId.from_raw(cast.node.chain_id, account)))

    async def test_wrong_decimals_and_amounts(self, cast: Cast) -> None:
        with pytest.raises(AssetMismatch):
            await cast.adapter.preview(pay(cast, 1, replace(cast.node.cny, decimals=8)))
        for asset in (cast.adapter.native, cast.node.cny):
            with pytest.raises(InvalidValue):
                await cast.adapter.preview(pay(cast, 2**64, asset))

    async def test_no_mint_at_the_address(self, cast: Cast) -> None:
        wallet = Asset(AssetId.fungible(cast.node.chain_id, cast.holder.address), "X", 6)
        with pytest.raises(UnknownAsset):
            await cast.adapter.preview(pay(cast, 1, wallet))

    async def test_rent_of_both_sides(self, cast: Cast) -> None:
        assert "rent exemption" in await reason(cast, pay(cast, 5, cast.adapter.native))
        held_now = await held(cast, cast.stranger, cast.adapter.native)
        with pytest.raises(InsufficientFunds):
            await cast.adapter.preview(pay(cast, held_now - 5_100, cast.adapter.native, cast.relayer))

    async def test_oversized_memo(self, cast: Cast) -> None:
        with pytest.raises(InvalidValue) as refused:
            await cast.adapter.preview(Intent(cast.stranger, ProgramCall((memo(b"x" * 1_200, ()),))))
        assert refused.value.size > refused.value.limit
        for text in (b"x" * 1_233, b"\xff\xfe"):
            with pytest.raises(InvalidValue):
                memo(text, ())


class TestLookupTables:
    async def test_a_table_makes_room(self, cast: Cast) -> None:
        people = [cast.account(f"person {number}") for number in range(30)]
        chain, authority = cast.node.chain, cast.stranger.raw
        slot = chain.bank.slot - 1
        table, _ = lookup_table_address(authority, slot)
        await cast.carry_out(Intent(cast.stranger, ProgramCall((create_lookup_table(authority, authority, slot),))))
        for part in (people[:15], people[15:]):
            more = extend_lookup_table(table, authority, authority, [person.raw for person in part])
            await cast.carry_out(Intent(cast.stranger, ProgramCall((more,))))
        await cast.node.advance()
        steps: tuple[Instruction, ...] = tuple(send_lamports(authority, person.raw, 900_000) for person in people)
        with pytest.raises(InvalidValue):
            await cast.adapter.preview(Intent(cast.stranger, ProgramCall(steps)))
        intent = Intent(cast.stranger, ProgramCall(steps, (table,)))
        assert Intent.from_json(intent.to_json()) == intent
        signed = await cast.signed(intent)
        _, message = decode_transaction(signed.raw)
        assert [item.table for item in decode_message(message).lookups] == [table]
        await cast.adapter.broadcast(signed)
        await cast.node.advance()
        receipt = await cast.adapter.receipt(signed.tx_hash)
        assert receipt is not None
        assert receipt.ok
        assert [await held(cast, person, cast.adapter.native) for person in people] == [900_000] * 30

    async def test_a_table_that_is_none(self, cast: Cast) -> None:
        steps = (send_lamports(cast.stranger.raw, cast.relayer.raw, 1),)
        with pytest.raises(InvalidAddress):
            await cast.adapter.preview(Intent(cast.stranger, ProgramCall(steps, (cast.holder.raw,))))


class TestDurableNonce:
    async def test_it_outlives_every_blockhash(self, cast: Cast) -> None:
        slow = replace(pay(cast, 7, cast.adapter.native, cast.relayer), durable_nonce=0)
        with pytest.raises(FeatureUnavailable):
            await cast.adapter.preview(slow)
        opening = await cast.adapter.open_nonce(cast.stranger)
        assert opening is not None
        await cast.carry_out(opening)
        assert await cast.adapter.open_nonce(cast.stranger) is None
        assert Intent.from_json(slow.to_json()) == slow
        preview = await cast.adapter.preview(slow)
        waiting = await cast.adapter.prepare(slow, nonce=None, preview=preview)
        assert waiting.last_valid_height is None
        await cast.node.chain.mine(200)
        key = cast.keys[cast.stranger]
        signature = Signature(Curve.ED25519, bytes(key.sign_message(waiting.payload)))
        signed = cast.adapter.assemble(waiting, {cast.stranger: signature})
        before = await held(cast, cast.relayer, cast.adapter.native)
        assert not await cast.adapter.never_lands(signed)
        await cast.adapter.broadcast(signed)
        await cast.adapter.broadcast(signed)
        await cast.node.finalise()
        assert await held(cast, cast.relayer, cast.adapter.native) == before + 7
        assert not await cast.adapter.never_lands(signed)

    async def test_it_is_dead_when_another_used_its_nonce(self, cast: Cast) -> None:
        opening = await cast.adapter.open_nonce(cast.stranger)
        assert opening is not None
        await cast.carry_out(opening)
        await cast.node.finalise()
        one, other = [
            await cast.signed(replace(pay(cast, units, cast.adapter.native, cast.relayer), durable_nonce=0))
            for units in (7, 8)
        ]
        await cast.adapter.broadcast(one)
        await cast.node.advance()
        assert not await cast.adapter.never_lands(other)
        await cast.node.finalise()
        assert await cast.adapter.never_lands(other)
        assert not await cast.adapter.never_lands(one)
        ending = await cast.adapter.close_nonce(cast.stranger)
        assert ending is not None
        await cast.carry_out(ending)
        assert await cast.adapter.close_nonce(cast.stranger) is None

    async def test_a_blockhash_is_not_its_business(self, cast: Cast) -> None:
        signed = await cast.signed(pay(cast, 7, cast.adapter.native, cast.relayer))
        assert not await cast.adapter.never_lands(signed)
        with pytest.raises(InvalidValue):
            await cast.adapter.open_nonce(cast.stranger, 8)


class TestHistory:
    async def test_what_came_and_went(self, cast: Cast) -> None:
        native, cny = cast.adapter.native, cast.node.cny
        sent = await cast.carry_out(pay(cast, 5_000, native, cast.relayer))
        await cast.node.give(cast.stranger, cny=3 * YUAN)
        paid = await cast.carry_out(pay(cast, YUAN, cny, cast.relayer))
        newest, gift, first, *_ = await cast.adapter.history(cast.stranger)
        assert (newest.tx_hash, newest.changes[cny.id], newest.fee) == (
            paid.tx_hash,
            -YUAN,
            paid.fee_paid.base_units,
        )
        assert (gift.changes, gift.fee) == ({cny.id: 3 * YUAN}, 0)
        assert (first.tx_hash, first.changes, first.ok) == (sent.tx_hash, {native.id: -5_000}, True)
        received = await cast.adapter.history(cast.relayer)
        assert (received[0].tx_hash, received[0].changes) == (paid.tx_hash, {cny.id: YUAN})
        older = await cast.adapter.history(cast.stranger, before=gift.tx_hash, limit=1)
        assert [entry.tx_hash for entry in older] == [sent.tx_hash]
        with pytest.raises(InvalidValue):
            await cast.adapter.history(cast.stranger, limit=0)
