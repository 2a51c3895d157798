"""Whom a merchant's treasury may pay beside its own vaults: holders who have paid it, one by one."""

from __future__ import annotations

from uuid import UUID

from codec.evm.erc20 import erc20_abi
from keystore.policy import CallTarget
from keystore.service import Keystore
from primitives.account_id import AccountId, parse_evm_address
from primitives.asset import Asset
from primitives.signing import KeyPurpose


class KeystoreTreasuryKeys:
    """`vouchers.ports.TreasuryKeys` over the keystore's policy: on EVM the token's `transfer` to this one account and
    to no other. On Solana a treasury moves tokens anyway, to fund vaults."""

    def __init__(self, keystore: Keystore) -> None:
        self._keystore = keystore

    async def allow(self, treasury: AccountId, tenant_id: UUID, asset: Asset, recipient: AccountId) -> None:
        if treasury.chain.family != "eip155":
            return
        token = parse_evm_address(asset.id.reference)
        first_argument = recipient.raw.rjust(32, b"\0")
        target = CallTarget(token, erc20_abi().selector("transfer") + first_argument)
        await self._keystore.allow(tenant_id, KeyPurpose.TREASURY, treasury.chain, [target])
