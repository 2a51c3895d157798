"""A treasury on Solana pays back what one rule lists to the last unit, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from api.key_policy import solana_targets
from codec.solana.compute_budget import set_compute_unit_limit
from codec.solana.message import build_message
from codec.solana.programs import MEMO, TOKEN
from codec.solana.refund_payment import RefundPayment, refund_payment_instructions
from keystore import EVERY_TENANT
from keystore.policy import ProgramTarget
from keystore.service import Keystore
from primitives.errors import SigningRefused
from primitives.signing import Curve, KeyPurpose, SigningRequest, SigningScheme
from tests.integration.keystore.test_signing import SOLANA


async def test_only_the_listed_refund_is_signed(keystore: Keystore, key_file: Path) -> None:
    await keystore.open_service(key_file)
    shop, other_shop = uuid4(), uuid4()
    await keystore.allow(EVERY_TENANT, KeyPurpose.TREASURY, SOLANA, solana_targets()[KeyPurpose.TREASURY])
    key = await keystore.service_key(shop, KeyPurpose.TREASURY, Curve.ED25519)
    refund = RefundPayment(key.public_key.raw, b"\2" * 32, b"\3" * 32, b"\4" * 32, 80_000_000)

    async def sign(wanted: RefundPayment) -> None:
        steps = refund_payment_instructions(wanted, TOKEN, 6, create_account=True)
        message = build_message(key.public_key.raw, (set_compute_unit_limit(50_000), *steps), bytes(32))
        asked = SigningRequest(key.id, SigningScheme.SOLANA_MESSAGE, message, SOLANA, "order.refund")
        await keystore.service_signer().sign(asked)

    with pytest.raises(SigningRefused, match="no rule lists"):
        await sign(refund)
    await keystore.allow(other_shop, KeyPurpose.TREASURY, SOLANA, [ProgramTarget(MEMO, refund.memo)])
    with pytest.raises(SigningRefused, match="no rule lists"):
        await sign(refund)
    await keystore.allow(shop, KeyPurpose.TREASURY, SOLANA, [ProgramTarget(MEMO, refund.memo)])
    await sign(refund)
    for wrong in (
        replace(refund, base_units=80_000_001),
        replace(refund, holder=b"\5" * 32),
        replace(refund, order_hash=b"\6" * 32),
        replace(refund, mint=b"\7" * 32),
    ):
        with pytest.raises(SigningRefused, match="no rule lists"):
            await sign(wrong)
