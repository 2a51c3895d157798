"""The adapter against answers that the local chain never gives."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

import pytest

from chains.intent import ContractCall, Intent, ProgramCall, Transfer
from chains.ports import SignedTransaction
from chains.solana.adapter import SolanaAdapter
from chains.solana.burn_guards import guard_of_cluster
from chains.solana.node import SolanaNode
from codec.solana.burn_guard import BurnGuard
from codec.solana.memo import memo
from codec.solana.message import build_message
from codec.solana.programs import SYSTEM, TOKEN, TOKEN_2022, UPGRADEABLE_LOADER
from codec.solana.token_metadata import initialize_metadata
from primitives.account_id import AccountId
from primitives.asset import Amount, Asset, AssetId
from primitives.base58 import encode_base58
from primitives.chain_id import ChainId
from primitives.errors import (
    ChainMismatch,
    FeatureUnavailable,
    InsufficientFunds,
    InvalidAddress,
    InvalidValue,
    NodeUnavailable,
    TransactionExpired,
    TransactionReverted,
)
from primitives.signing import Curve, PublicKey
from tests.fakes.canned_rpc import Answer, CannedRpc, refusal

GENESIS = "EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG"
CHAIN = ChainId.solana(GENESIS)
SOL = Asset(AssetId.native(CHAIN), "SOL", 9)
SENDER, RECIPIENT = (AccountId.from_raw(CHAIN, bytes([n]) * 32) for n in (6, 17))
HASH = encode_base58(b"\x05" * 32)
LEAST = 890_880


def row(data: bytes = b"", owner: bytes = SYSTEM, lamports: int = 10**9) -> dict[str, Any]:
    return {"lamports": lamports, "owner": encode_base58(owner), "data": [base64.b64encode(data).decode(), "base64"]}


def accounts(known: dict[str, dict[str, Any]]) -> Any:
    return lambda keys, options: {"value": [known.get(key) for key in keys]}


def rpc(**changes: Answer) -> CannedRpc:
    answers: dict[str, Answer] = {
        "getLatestBlockhash": {"value": {"blockhash": HASH, "lastValidBlockHeight": 150}},
        "simulateTransaction": {"value": {"err": None, "unitsConsumed": 450}},
        "getFeeForMessage": {"value": 5_000},
        "getBalance": {"value": 10**9},
        "getMinimumBalanceForRentExemption": LEAST,
        "getRecentPrioritizationFees": [],
        "getMultipleAccounts": accounts({RECIPIENT.address: row()}),
        "getGenesisHash": GENESIS,
    }
    return CannedRpc(**(answers | changes))


def adapter(**changes: Answer) -> SolanaAdapter:
    return SolanaAdapter(CHAIN, rpc(**changes), native=SOL)


def pay(lamports: int) -> Intent:
    return Intent(SENDER, Transfer(Amount(lamports, SOL), RECIPIENT))


class TestIdentity:
    async def test_another_cluster_is_refused(self) -> None:
        await adapter().check()
        with pytest.raises(ChainMismatch):
            await adapter(getGenesisHash="5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d").check()

    @pytest.mark.parametrize("durable", [None, 0])
    async def test_a_cluster_exchanged_between_two_preparations_gets_nothing_to_sign(self, durable: int | None) -> None:
        """The second answer has a good blockhash, but comes from another genesis."""
        served = [GENESIS]
        one = adapter(getGenesisHash=lambda: served[0])
        intent = pay(10**6)
        preview = await one.preview(intent)
        assert (await one.prepare(intent, nonce=None, preview=preview)).payload
        served[0] = "5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d"
        with pytest.raises(ChainMismatch) as caught:
            await one.prepare(replace(intent, durable_nonce=durable), nonce=None, preview=preview)
        assert (caught.value.configured, caught.value.served) == (str(CHAIN), "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp")
        served[0] = GENESIS
        assert (await one.prepare(intent, nonce=None, preview=preview)).payload

    def test_only_ed25519_keys_have_accounts(self) -> None:
        assert adapter().account_of(PublicKey(Curve.ED25519, SENDER.raw)) == SENDER
        with pytest.raises(InvalidValue):
            adapter().account_of(PublicKey(Curve.SECP256K1, bytes(33)))


class TestPreview:
    async def test_limit_has_a_margin_over_the_simulation(self) -> None:
        node = adapter()
        preview = await node.preview(pay(10**6))
        assert (preview.units, preview.fee_limit, preview.priority_fee) == (450, Amount(5_000, SOL), None)
        prepared = await node.prepare(pay(10**6), nonce=None, preview=preview)
        assert prepared.last_valid_height == 150
        assert (450 * 12 // 10 + 1_000).to_bytes(4, "little") in prepared.payload

    async def test_crowd_raises_the_price_up_to_a_bound(self) -> None:
        for bids, expected in (([0, 7, 9], 7), ([10**9] * 3, 1_000_000), ([0, 0, 8], None)):
            node = adapter(getRecentPrioritizationFees=[{"slot": 1, "prioritizationFee": bid} for bid in bids])
            preview = await node.preview(pay(10**6))
            assert preview.priority_fee == expected
            payload = (await node.prepare(pay(10**6), nonce=None, preview=preview)).payload
            assert (b"\x03" + (expected or 0).to_bytes(8, "little") in payload) is (expected is not None)

    async def test_what_stays_must_be_rent_exempt(self) -> None:
        """Sending nearly all would leave an account that may not exist; sending all of it may."""
        held = 10**7
        await adapter(getBalance={"value": held}).preview(pay(held - 5_000))
        with pytest.raises(InsufficientFunds) as lacking:
            await adapter(getBalance={"value": held}).preview(pay(held - 5_001))
        assert (lacking.value.needed, lacking.value.available) == (held - 1 + LEAST, held)

    async def test_new_recipient_needs_the_minimum(self) -> None:
        node = adapter(getMultipleAccounts=accounts({}))
        await node.preview(pay(LEAST))
        with pytest.raises(TransactionReverted) as refused:
            await node.preview(pay(LEAST - 1))
        assert refused.value.minimum == LEAST

    async def test_token_account_is_no_recipient_of_sol(self) -> None:
        node = adapter(getMultipleAccounts=accounts({RECIPIENT.address: row(owner=TOKEN)}))
        with pytest.raises(InvalidAddress):
            await node.preview(pay(10**6))

    async def test_forgotten_blockhash_is_asked_for_again(self) -> None:
        with pytest.raises(NodeUnavailable):
            await adapter(getFeeForMessage={"value": None}).preview(pay(10**6))

    async def test_signers_must_be_those_of_the_intent(self) -> None:
        other = memo(b"x", (RECIPIENT.raw,))
        with pytest.raises(InvalidValue, match="other signatures"):
            await adapter().preview(Intent(SENDER, ProgramCall((other,))))
        with pytest.raises(InvalidValue, match="other signatures"):
            await adapter().preview(Intent(SENDER, ProgramCall((memo(b"x", (SENDER.raw,)),)), (RECIPIENT,)))

    async def test_too_large_is_refused_before_the_node_is_asked(self) -> None:
        with pytest.raises(InvalidValue) as refused:
            await adapter().preview(Intent(SENDER, ProgramCall((memo(b"x" * 1_200, ()),))))
        assert refused.value.limit == 1_232

    async def test_contract_calls_and_nonces_are_foreign(self) -> None:
        with pytest.raises(InvalidValue):
            await adapter().preview(Intent(SENDER, ContractCall(RECIPIENT, b"")))
        preview = await adapter().preview(pay(10**6))
        with pytest.raises(InvalidValue):
            await adapter().prepare(pay(10**6), nonce=1, preview=preview)


def signed() -> SignedTransaction:
    message = build_message(SENDER.raw, [memo(b"x", ())], b"\x05" * 32)
    return SignedTransaction(CHAIN, b"\x01" + bytes(64) + message, encode_base58(bytes(64)))


class TestBroadcast:
    async def test_landed_before_its_blockhash_expired_is_a_success(self) -> None:
        old = refusal(-32002, data={"err": "BlockhashNotFound"})
        known = {"value": [{"slot": 1, "err": None, "confirmationStatus": "processed"}]}
        await adapter(sendTransaction=old, getSignatureStatuses=known).broadcast(signed())
        with pytest.raises(TransactionExpired):
            await adapter(sendTransaction=old, getSignatureStatuses={"value": [None]}).broadcast(signed())

    async def test_already_processed_is_a_success(self) -> None:
        await adapter(sendTransaction=refusal(-32002, data={"err": "AlreadyProcessed"})).broadcast(signed())


class TestReceipt:
    async def test_processed_is_not_yet_included(self) -> None:
        status = {"value": [{"slot": 1, "err": None, "confirmationStatus": "processed"}]}
        assert await adapter(getSignatureStatuses=status).receipt("x") is None

    @pytest.mark.parametrize("level", ["confirmed", "finalized"])
    async def test_landed_but_not_indexed_is_unavailable_not_absent(self, level: str) -> None:
        """Absent, once its blockhash has expired, would mean a payment that may be made again."""
        status = {"value": [{"slot": 1, "err": None, "confirmationStatus": level}]}
        known = {"slot": 1, "meta": {"err": None, "fee": 5_000}, "transaction": ["", "base64"]}
        block = {"blockhash": HASH, "blockTime": 1, "signatures": ["another"]}
        for answers in (
            {"getTransaction": None},
            {"getTransaction": known, "getBlock": refusal(-32004)},
            {"getTransaction": known, "getBlock": block},
        ):
            with pytest.raises(NodeUnavailable):
                await adapter(getSignatureStatuses=status, **answers).receipt("x")

    async def test_history_begins_at_the_first_block_that_is_left(self) -> None:
        kept = {5: {"blockHeight": 4}}
        node = adapter(getFirstAvailableBlock=5, getBlock=lambda slot, options: kept.get(slot))
        assert await node.history_since() == 4
        with pytest.raises(NodeUnavailable):
            await adapter(getFirstAvailableBlock=6, getBlock=lambda slot, options: kept.get(slot)).history_since()


class TestBlocks:
    @pytest.mark.parametrize("number", [-32007, -32009, -32004])
    async def test_skipped_and_future_slots_have_no_hash(self, number: int) -> None:
        assert await adapter(getBlock=refusal(number)).block_hash(5) is None

    async def test_pruned_block_is_unavailable_not_absent(self) -> None:
        with pytest.raises(NodeUnavailable):
            await adapter(getBlock=refusal(-32001)).block_hash(5)


class TestAsset:
    MINT = AssetId.fungible(CHAIN, encode_base58(b"\x09" * 32))
    BASE = b"\x01\0\0\0" + bytes(32) + bytes(8) + b"\x06\x01" + bytes(36)

    async def test_symbol_comes_from_the_mints_metadata(self) -> None:
        text = initialize_metadata(bytes(32), bytes(32), bytes(32), "Name", "SYM", "").data[8:]
        value = bytes(64) + text + bytes(4)
        data = self.BASE.ljust(165, b"\0") + b"\x01\x13\0" + len(value).to_bytes(2, "little") + value
        node = adapter(getMultipleAccounts=accounts({self.MINT.reference: row(data, TOKEN_2022)}))
        assert await node.asset(self.MINT) == Asset(self.MINT, "SYM", 6)

    async def test_else_the_address_is_shortened(self) -> None:
        node = adapter(getMultipleAccounts=accounts({self.MINT.reference: row(self.BASE, TOKEN)}))
        symbol = (await node.asset(self.MINT)).symbol
        assert symbol == f"{self.MINT.reference[:4]}…{self.MINT.reference[-4:]}"


class TestBurnGuard:
    PROGRAM, CODE = encode_base58(TOKEN_2022), b"\x0a" * 32

    async def found(self, elf: bytes | None, *, program: bool = True) -> BurnGuard:
        known = {self.PROGRAM: row(b"\x02\0\0\0" + self.CODE, UPGRADEABLE_LOADER)} if program else {}
        if elf is not None:
            known[encode_base58(self.CODE)] = row(elf)
        return await guard_of_cluster(SolanaNode(rpc(getMultipleAccounts=accounts(known))))

    async def test_permissioned_burn_stands_in_the_programs_code(self) -> None:
        assert await self.found(b"...PermissionedBurnInstruction::Burn...") is BurnGuard.PERMISSIONED

    @pytest.mark.parametrize("elf", [b"...Instruction: Burn...", None])
    async def test_older_program_has_frozen_accounts_only(self, elf: bytes | None) -> None:
        assert await self.found(elf) is BurnGuard.FROZEN

    async def test_cluster_without_the_program_is_a_typed_error(self) -> None:
        with pytest.raises(FeatureUnavailable) as refused:
            await self.found(None, program=False)
        assert refused.value.feature == "Token-2022"
