"""What service keys may sign, as the composition root and the campaigns set it."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from codec.solana.redemption import RedemptionRule
from keystore import PLATFORM_TENANT, sql
from keystore.audit import AuditHead, AuditLog
from keystore.limits.model import KeyLimit
from keystore.limits.sql import set_limit
from keystore.policy import Target
from keystore.serials.sql import RedemptionLimits, SerialRange, bound_payloads, release, set_limits, set_range
from persistence.database import Database, Transaction
from primitives.chain_id import ChainId
from primitives.signing import KeyPurpose
from primitives.voucher_id import VoucherId


class KeyPolicies:
    """The rules that the keystore judges by, and its audit log."""

    def __init__(self, database: Database, audit: AuditLog) -> None:
        self._database = database
        self._audit = audit

    async def allow(self, tenant_id: UUID, purpose: KeyPurpose, chain: ChainId, targets: Iterable[Target]) -> None:
        """Let the service keys of a tenant (`EVERY_TENANT`: of whoever) sign these targets. Adds; never removes.

        Raises:
            InvalidValue: A target that no rule may list.
        """
        async with self._database.transaction() as tx:
            await sql.add_policy_rules(tx, tenant_id, purpose, chain, targets)

    async def allow_only(self, tenant_id: UUID, purpose: KeyPurpose, chain: ChainId, targets: Iterable[Target]) -> None:
        """As `allow`, and take back whatever this tenant's keys of this purpose could sign on this chain before."""
        async with self._database.transaction() as tx:
            await sql.drop_policy_rules(tx, tenant_id, purpose, chain)
            await sql.add_policy_rules(tx, tenant_id, purpose, chain, targets)

    async def allow_redemptions(
        self,
        tx: Transaction,
        tenant_id: UUID,
        chain: ChainId,
        rule: RedemptionRule,
        serials: SerialRange | None = None,
        limits: RedemptionLimits | None = None,
    ) -> None:
        """Let the redemption authority co-sign redemptions of one campaign within these terms, which never change.

        Args:
            serials: The campaign's lane and cap on this chain; None: not checked.
            limits: Per holder and per order; None: not checked.

        Raises:
            InvalidValue: The campaign is known with other terms.
        """
        await sql.add_redemption_rule(tx, tenant_id, chain, rule)
        if serials is not None:
            await set_range(tx, chain, rule.campaign, serials)
        if limits is not None:
            await set_limits(tx, chain, rule.campaign, limits)

    async def cosigned_payloads(self, tx: Transaction, chain: ChainId, vouchers: Iterable[VoucherId]) -> list[bytes]:
        """SHA-256 hashes of the payloads that the redemption authority has bound these vouchers to."""
        return await bound_payloads(tx, chain, vouchers)

    async def release_serials(self, chain: ChainId, payload_hash: bytes, *, finalized_height: int) -> int:
        """Give the vouchers of a co-signed redemption free again, once it can no longer land; answers how many.

        Call it only when the chain's whole history of the payload's window was searched and does not hold it: what the
        keystore itself can check is the height.

        Args:
            payload_hash: SHA-256 of the message bytes that the redemption authority co-signed.
            finalized_height: Block height that the chain has made final.

        Raises:
            SigningRefused: `rule` is still_valid.
            AuditUnavailable
        """
        async with self._database.transaction() as tx:
            released = await release(tx, chain, payload_hash, finalized_height)
            if released:
                facts = {
                    "chain": str(chain),
                    "payload_sha256": payload_hash.hex(),
                    "serials": str(released),
                    "finalized_height": str(finalized_height),
                }
                await self._audit.append(PLATFORM_TENANT, PLATFORM_TENANT, "serials_released", facts)
        return released

    async def limit(self, tenant_id: UUID, purpose: KeyPurpose, chain: ChainId, limit: KeyLimit) -> None:
        """Bound what each service key of a tenant (`EVERY_TENANT`: of whoever) spends; replaces the last limit."""
        async with self._database.transaction() as tx:
            await set_limit(tx, tenant_id, purpose, chain, limit)

    async def verify_audit_chain(self, subject: UUID, *, known: AuditHead | None = None) -> AuditHead:
        """Recompute the audit chain of a key or wallet. Raises SealBroken."""
        return await self._audit.verify(subject, known=known)
