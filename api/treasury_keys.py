"""Whom a merchant's treasury may pay beside its own vaults: holders who have paid it, one by one."""

from __future__ import annotations

from uuid import UUID

from codec.evm.erc20 import erc20_abi
from codec.solana.programs import MEMO
from codec.solana.refund_payment import RefundPayment
from keystore.policy import CallTarget, ProgramTarget, Target
from keystore.service import Keystore
from primitives.account_id import AccountId, parse_evm_address
from primitives.asset import Amount
from primitives.signing import KeyPurpose


class KeystoreTreasuryKeys:
    """`vouchers.ports.TreasuryKeys` over the keystore's policy: on EVM the token's `transfer` to this one account and
    to no other; on Solana the one refund that the rule's memo spells out."""

    def __init__(self, keystore: Keystore) -> None:
        self._keystore = keystore

    async def allow(
        self, treasury: AccountId, tenant_id: UUID, amount: Amount, recipient: AccountId, order_hash: bytes
    ) -> None:
        target: Target
        if treasury.chain.family == "eip155":
            first_argument = recipient.raw.rjust(32, b"\0")
            token = parse_evm_address(amount.asset.id.reference)
            target = CallTarget(token, erc20_abi().selector("transfer") + first_argument)
        else:
            mint = AccountId(treasury.chain, amount.asset.id.reference).raw
            refund = RefundPayment(treasury.raw, recipient.raw, order_hash, mint, amount.base_units)
            target = ProgramTarget(MEMO, refund.memo)
        await self._keystore.allow(tenant_id, KeyPurpose.TREASURY, treasury.chain, [target])
