"""The redemption authority's key: it signs whole redemptions of known campaigns, last, and nothing else."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio
from nacl.signing import SigningKey, VerifyKey

from codec.solana.associated_token import associated_token_address
from codec.solana.message import build_message
from codec.solana.programs import TOKEN
from codec.solana.redemption import (
    RedemptionParties,
    RedemptionRule,
    TokensToMove,
    VoucherToBurn,
    redemption_instructions,
)
from keystore import PLATFORM_TENANT
from keystore.model import KeyRecord
from keystore.serials.sql import SerialRange
from keystore.service import Keystore
from persistence.database import Database
from primitives.chain_id import ChainId
from primitives.errors import InvalidValue, RedemptionRefused, SigningRefused
from primitives.signing import Curve, KeyPurpose, PublicKey, Signature, SigningRequest, SigningScheme
from primitives.voucher_id import CampaignId, Serial, SerialClass, VoucherId
from tests.fakes.clock import StoppedClock

CHAIN = ChainId("solana:4sGjMW1sUnHzSxGspuhpqLDx6wiyjNtZ")
RELAYER, HOLDER, MERCHANT = (SigningKey(bytes([n] * 32)) for n in (1, 2, 3))
CAMPAIGN = CampaignId(bytes([7] * 24))
MINT, VAULT, MONEY = (bytes([n] * 32) for n in (11, 12, 13))
YUAN = 10**6
FIRST = Serial(1, SerialClass.SINGLE, 1)


def public(key: SigningKey) -> bytes:
    return bytes(key.verify_key)


NOW = int(StoppedClock().now().timestamp())
RULE = RedemptionRule(
    CAMPAIGN, MINT, VAULT, MONEY, frozenset({public(MERCHANT)}), 20 * YUAN, 10_000, 10_000, NOW - 5, NOW + 5
)


@dataclass(frozen=True)
class Till:
    keystore: Keystore
    database: Database
    key: KeyRecord

    def message(
        self,
        payout: int = 20 * YUAN,
        authority: bytes | None = None,
        payer: SigningKey = RELAYER,
        mint: bytes = MINT,
        serial: Serial = FIRST,
        blockhash: bytes = bytes([5] * 32),
    ) -> bytes:
        named = authority or self.key.public_key.raw
        parties = RedemptionParties(CHAIN, public(payer), public(HOLDER), public(MERCHANT), named)
        voucher = VoucherToBurn(VoucherId(CAMPAIGN, serial), mint, 2000)
        own = associated_token_address(public(HOLDER), MONEY, TOKEN)
        instructions = redemption_instructions(
            parties,
            bytes([9] * 32),
            [voucher],
            [TokensToMove(TOKEN, MONEY, 6, VAULT, payout)],
            TokensToMove(TOKEN, MONEY, 6, own, 80 * YUAN),
            [],
        )
        return build_message(public(payer), instructions, blockhash)

    async def sign(self, message: bytes, *cosigners: SigningKey, until: int | None = 100) -> Signature:
        collected = tuple(
            (PublicKey(Curve.ED25519, public(k)), Signature(Curve.ED25519, k.sign(message).signature))
            for k in cosigners
        )
        request = SigningRequest(
            self.key.id,
            SigningScheme.SOLANA_MESSAGE,
            message,
            CHAIN,
            "order.pay",
            cosignatures=collected,
            last_valid_height=until,
        )
        return await self.keystore.service_signer().sign(request)

    async def refused(self, message: bytes, *cosigners: SigningKey) -> str:
        with pytest.raises(RedemptionRefused) as caught:
            await self.sign(message, *cosigners)
        rule: str = caught.value.rule
        return rule

    async def allow(self, rule: RedemptionRule = RULE) -> None:
        async with self.database.transaction() as tx:
            await self.keystore.allow_redemptions(tx, uuid4(), CHAIN, rule, SerialRange(1, 50))


@pytest_asyncio.fixture
async def till(keystore: Keystore, database: Database, key_file: Path) -> Till:
    await keystore.open_service(key_file)
    key = await keystore.service_key(PLATFORM_TENANT, KeyPurpose.REDEMPTION_AUTHORITY, Curve.ED25519)
    return Till(keystore, database, key)


async def test_whole_redemption_of_a_known_campaign_is_signed(till: Till) -> None:
    await till.allow()
    message = till.message()
    signature = await till.sign(message, RELAYER, HOLDER, MERCHANT)
    VerifyKey(till.key.public_key.raw).verify(message, signature.raw)


async def test_unknown_campaign_is_refused_by_default(till: Till) -> None:
    assert await till.refused(till.message(), HOLDER, MERCHANT) == "unknown_campaign"


async def test_holder_and_merchant_sign_first(till: Till) -> None:
    await till.allow()
    assert await till.refused(till.message()) == "missing_signature"
    assert await till.refused(till.message(), HOLDER) == "missing_signature"
    assert await till.refused(till.message(), MERCHANT) == "missing_signature"


async def test_what_the_campaign_does_not_allow_is_refused(till: Till) -> None:
    await till.allow()
    assert await till.refused(till.message(payout=20 * YUAN + 1), HOLDER, MERCHANT) == "wrong_payout"
    assert await till.refused(till.message(mint=bytes([14] * 32)), HOLDER, MERCHANT) == "foreign_mint"


async def test_merchant_of_another_campaign_is_refused(till: Till) -> None:
    await till.allow(replace(RULE, merchants=frozenset({public(RELAYER)})))
    assert await till.refused(till.message(), HOLDER, MERCHANT) == "wrong_merchant"


@pytest.mark.parametrize(
    ("begins", "ends", "refused"),
    [(0, 1, False), (-5, 0, True), (1, 5, True)],
    ids=["first and last second", "just over", "not begun"],
)
async def test_window_is_half_open(till: Till, begins: int, ends: int, refused: bool) -> None:
    await till.allow(replace(RULE, valid_from=NOW + begins, valid_until=NOW + ends))
    if refused:
        assert await till.refused(till.message(), HOLDER, MERCHANT) == "outside_window"
    else:
        await till.sign(till.message(), HOLDER, MERCHANT)


async def test_another_authority_cannot_make_this_key_pay_the_fee(till: Till, keystore: Keystore) -> None:
    """A redemption under a stranger's authority that merely needs our signature as fee payer."""
    await till.allow()
    stranger = SigningKey(bytes([4] * 32))
    parties_message = till.message(authority=public(stranger))
    raw = parties_message.replace(public(RELAYER), till.key.public_key.raw)
    assert await till.refused(raw, HOLDER, MERCHANT, stranger) == "foreign_authority"


async def test_terms_of_a_campaign_never_change(till: Till) -> None:
    await till.allow()
    await till.allow()
    with pytest.raises(InvalidValue, match="other terms"):
        await till.allow(replace(RULE, max_payout=21 * YUAN))


class TestSerials:
    """The authority's own record: one payload for each serial, written before it signs."""

    LATER = bytes([6] * 32)

    async def test_same_payload_is_signed_again_another_is_refused(self, till: Till) -> None:
        await till.allow()
        first = await till.sign(till.message(), HOLDER, MERCHANT)
        assert await till.sign(till.message(), HOLDER, MERCHANT) == first
        other = till.message(blockhash=self.LATER)
        assert await till.refused(other, HOLDER, MERCHANT) == "outstanding_serial"

    async def test_two_at_once_get_one_signature(self, till: Till) -> None:
        await till.allow()
        messages = [till.message(blockhash=bytes([n] * 32)) for n in range(1, 5)]
        answers = await asyncio.gather(
            *(till.sign(message, HOLDER, MERCHANT) for message in messages), return_exceptions=True
        )
        assert sorted(type(answer).__name__ for answer in answers) == ["RedemptionRefused"] * 3 + ["Signature"]

    async def test_serial_is_free_only_when_its_transaction_can_never_land(self, till: Till) -> None:
        await till.allow()
        first, second = till.message(), till.message(blockhash=self.LATER)
        await till.sign(first, HOLDER, MERCHANT, until=100)
        for height in (99, 100):
            with pytest.raises(SigningRefused, match="can land until block height 100"):
                await till.keystore.release_serials(CHAIN, sha256(first).digest(), finalized_height=height)
        assert await till.keystore.release_serials(CHAIN, sha256(second).digest(), finalized_height=101) == 0
        assert await till.refused(second, HOLDER, MERCHANT) == "outstanding_serial"
        assert await till.keystore.release_serials(CHAIN, sha256(first).digest(), finalized_height=101) == 1
        await till.sign(second, HOLDER, MERCHANT, until=300)
        assert (await till.keystore.verify_audit_chain(PLATFORM_TENANT)).count == 1

    async def test_bound_payloads_are_told_by_voucher(self, till: Till) -> None:
        await till.allow()
        message, voucher = till.message(), VoucherId(CAMPAIGN, FIRST)
        async with till.database.transaction() as tx:
            assert await till.keystore.cosigned_payloads(tx, CHAIN, [voucher]) == []
        await till.sign(message, HOLDER, MERCHANT)
        async with till.database.transaction() as tx:
            assert await till.keystore.cosigned_payloads(tx, CHAIN, [voucher]) == [sha256(message).digest()]

    async def test_without_an_end_nothing_is_co_signed(self, till: Till) -> None:
        await till.allow()
        with pytest.raises(RedemptionRefused) as caught:
            await till.sign(till.message(), HOLDER, MERCHANT, until=None)
        assert caught.value.rule == "no_expiry"

    @pytest.mark.parametrize(
        ("serial", "fits"),
        [
            (Serial(1, SerialClass.SINGLE, 50), True),
            (Serial(1, SerialClass.SINGLE, 51), False),
            (Serial(1, SerialClass.SINGLE, 0), False),
            (Serial(0, SerialClass.SINGLE, 1), False),
            (Serial(2, SerialClass.REISSUE, 1), False),
        ],
    )
    async def test_serial_that_was_never_issued(self, till: Till, serial: Serial, fits: bool) -> None:
        await till.allow()
        message = till.message(serial=serial)
        if fits:
            await till.sign(message, HOLDER, MERCHANT)
        else:
            assert await till.refused(message, HOLDER, MERCHANT) == "serial_outside_cap"

    async def test_refusal_leaves_the_serial_free(self, till: Till) -> None:
        await till.allow()
        assert await till.refused(till.message(), HOLDER) == "missing_signature"
        await till.sign(till.message(blockhash=self.LATER), HOLDER, MERCHANT)

    async def test_range_of_a_campaign_never_changes(self, till: Till) -> None:
        await till.allow()
        async with till.database.transaction() as tx:
            with pytest.raises(InvalidValue, match="another range"):
                await till.keystore.allow_redemptions(tx, uuid4(), CHAIN, RULE, SerialRange(1, 51))
