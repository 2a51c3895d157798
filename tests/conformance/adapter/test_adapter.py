"""One suite for every chain adapter, run against real nodes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace

import pytest
import pytest_asyncio

from chains.intent import Intent, Transfer
from primitives.asset import Amount, AssetId
from primitives.errors import (
    AmountNotPositive,
    InsufficientFunds,
    InvalidAddress,
    NodeUnavailable,
    TransactionRejected,
    UnknownAsset,
)
from primitives.position import Finality
from primitives.signing import Signature, SigningRequest
from tests.conformance.adapter.evm_stage import evm_stage
from tests.conformance.adapter.fake_stage import fake_stage
from tests.conformance.adapter.solana_stage import solana_stage
from tests.conformance.adapter.stage import Stage

STAGES: dict[str, Callable[[], AbstractAsyncContextManager[Stage]]] = {
    "evm": evm_stage,
    "fake": fake_stage,
    "solana": solana_stage,
}


@pytest_asyncio.fixture(params=sorted(STAGES))
async def stage(request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    async with STAGES[request.param]() as made:
        yield made


class TestReading:
    async def test_account_of_a_public_key_is_the_signers_account(self, stage: Stage) -> None:
        """The address that signs is the address that is asked about."""
        for account, (_, public) in stage.keys.items():
            assert stage.adapter.account_of(public) == account

    async def test_balances_of_coin_and_token(self, stage: Stage) -> None:
        """Both are integers in base units; a fresh account has zero of both."""
        adapter = stage.adapter
        assert (await adapter.balance(stage.rich, adapter.native)).base_units > 0
        assert await adapter.balance(stage.rich, stage.token) == Amount(stage.token_units, stage.token)
        assert (await adapter.balance(stage.recipient, adapter.native)).base_units == 0
        assert (await adapter.balance(stage.recipient, stage.token)).base_units == 0

    async def test_asset_is_described_by_the_chain(self, stage: Stage) -> None:
        """Decimals are read, never assumed."""
        told = await stage.adapter.asset(stage.token.id)
        assert (told.id, told.decimals) == (stage.token.id, stage.token.decimals)
        assert await stage.adapter.asset(stage.adapter.native.id) == stage.adapter.native

    async def test_unknown_assets_are_refused(self, stage: Stage) -> None:
        """Nothing at the address, and an asset of another chain."""
        with pytest.raises(UnknownAsset):
            await stage.adapter.asset(stage.no_token)
        with pytest.raises(UnknownAsset):
            await stage.adapter.asset(AssetId.native(stage.foreign.chain))

    async def test_heads_are_ordered_and_move(self, stage: Stage) -> None:
        """included ≥ safe ≥ finalized; time and blocks are readable."""
        first = await stage.adapter.heads()
        assert first.included >= first.safe >= first.finalized
        for _ in range(100):
            await stage.advance()
            if (await stage.adapter.heads()).finalized > first.included:
                break
        later = await stage.adapter.heads()
        assert later.finalized > first.included
        assert await stage.adapter.block_time() > 1_600_000_000
        known = await stage.adapter.block_hash(later.finalized)
        assert known is not None
        assert len(known) == 32
        assert await stage.adapter.block_hash(later.included + 1_000_000) is None

    async def test_silent_node_is_unavailable(self, stage: Stage) -> None:
        """A transport failure is retryable and says nothing about the request."""
        for ask in (
            stage.dead_adapter.check,
            stage.dead_adapter.heads,
            lambda: stage.dead_adapter.preview(stage.transfer(stage.native(1_000_000))),
        ):
            with pytest.raises(NodeUnavailable) as caught:
                await ask()
            assert caught.value.retryable

    async def test_node_serves_the_configured_chain(self, stage: Stage) -> None:
        """The check passes on the right node."""
        await stage.adapter.check()


class TestTransfer:
    @pytest.mark.parametrize("kind", ["native", "token"])
    async def test_amount_arrives_exactly(self, stage: Stage, kind: str) -> None:
        """The recipient has it, the sender lost it and, of the coin, the fee that the receipt names."""
        adapter = stage.adapter
        amount = stage.native(7_000_000) if kind == "native" else Amount(1_234_567, stage.token)
        before = await adapter.balance(stage.rich, adapter.native)
        intent = stage.transfer(amount)
        preview = await adapter.preview(intent)
        signed = await stage.make(intent)
        assert await adapter.receipt(signed.tx_hash) is None
        await adapter.broadcast(signed)
        receipt = await stage.included(signed.tx_hash, Finality.FINALIZED)
        assert receipt.ok
        assert receipt.reason is None
        assert receipt.tx_hash == signed.tx_hash
        assert receipt.block_hash == await adapter.block_hash(receipt.height)
        assert 0 < receipt.fee_paid.base_units <= preview.fee_limit.base_units
        assert await adapter.balance(stage.recipient, amount.asset) == amount
        after = await adapter.balance(stage.rich, adapter.native)
        spent = amount.base_units if kind == "native" else 0
        lost = before.base_units - after.base_units
        if kind == "native":
            assert lost == spent + receipt.fee_paid.base_units
        else:
            # A first token transfer may also pay for the recipient's token account (Solana).
            assert lost >= receipt.fee_paid.base_units
            assert (await adapter.balance(stage.rich, stage.token)).base_units == stage.token_units - amount.base_units

    async def test_same_bytes_twice_have_one_effect(self, stage: Stage) -> None:
        """Broadcasting again is harmless before and after inclusion."""
        signed = await stage.make(stage.transfer(stage.native(5_000_000)))
        await stage.adapter.broadcast(signed)
        await stage.adapter.broadcast(signed)
        await stage.included(signed.tx_hash, Finality.FINALIZED)
        await stage.adapter.broadcast(signed)
        await stage.advance()
        assert (await stage.adapter.balance(stage.recipient, stage.adapter.native)).base_units == 5_000_000

    async def test_hash_is_known_before_broadcast(self, stage: Stage) -> None:
        """The node answers with the hash that `assemble` computed."""
        signed = await stage.make(stage.transfer(stage.native(5_000_000)))
        await stage.adapter.broadcast(signed)
        assert (await stage.included(signed.tx_hash)).tx_hash == signed.tx_hash


class TestRefusals:
    async def test_shortage_names_both_figures(self, stage: Stage) -> None:
        """Needed and available, in base units of the asset that lacks."""
        held = (await stage.adapter.balance(stage.rich, stage.adapter.native)).base_units
        with pytest.raises(InsufficientFunds) as native:
            await stage.adapter.preview(stage.transfer(stage.native(held * 2)))
        assert native.value.needed >= held * 2
        assert native.value.available == held
        too_many = Amount(stage.token_units + 1, stage.token)
        with pytest.raises(InsufficientFunds) as token:
            await stage.adapter.preview(stage.transfer(too_many))
        assert (token.value.needed, token.value.available) == (stage.token_units + 1, stage.token_units)
        assert token.value.asset == str(stage.token.id)

    async def test_everything_without_the_fee_is_not_enough(self, stage: Stage) -> None:
        """The fee limit counts as needed."""
        held = (await stage.adapter.balance(stage.rich, stage.adapter.native)).base_units
        with pytest.raises(InsufficientFunds) as caught:
            await stage.adapter.preview(stage.transfer(stage.native(held)))
        assert caught.value.needed > held

    async def test_account_without_anything_cannot_pay(self, stage: Stage) -> None:
        """A never-seen sender has zero available."""
        with pytest.raises(InsufficientFunds) as caught:
            await stage.adapter.preview(stage.transfer(stage.native(1_000_000), sender=stage.poor))
        assert caught.value.available == 0

    async def test_zero_is_refused(self, stage: Stage) -> None:
        """Something must move."""
        with pytest.raises(AmountNotPositive):
            await stage.adapter.preview(stage.transfer(stage.native(0)))

    async def test_recipient_of_another_family_is_refused(self, stage: Stage) -> None:
        """An address of the other chain never reaches the wire."""
        with pytest.raises(InvalidAddress):
            await stage.adapter.preview(Intent(stage.rich, Transfer(stage.native(1), stage.foreign)))

    async def test_unknown_token_is_refused(self, stage: Stage) -> None:
        """A made-up token is not a reverted transaction."""
        nothing = replace(stage.token, id=stage.no_token)
        with pytest.raises(UnknownAsset):
            await stage.adapter.preview(stage.transfer(Amount(1, nothing)))

    async def test_foreign_signature_is_refused(self, stage: Stage) -> None:
        """A signature is checked against its account before any byte leaves."""
        intent = stage.transfer(stage.native(5_000_000))
        adapter = stage.adapter
        prepared = await adapter.prepare(
            intent, nonce=await adapter.next_nonce(stage.rich), preview=await adapter.preview(intent)
        )
        key, _ = stage.keys[stage.poor]
        wrong: Signature = await stage.signer.sign(
            SigningRequest(key, prepared.scheme, prepared.payload, adapter.chain_id, "transfer")
        )
        with pytest.raises(TransactionRejected):
            adapter.assemble(prepared, {stage.rich: wrong})
        with pytest.raises(TransactionRejected):
            adapter.assemble(prepared, {})
