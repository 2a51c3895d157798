"""Proof bundles on request: built once at finality, checked before they are kept, kept for ever."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from audit.access import Viewer, VoucherAccess
from audit.proofs.evm import EvmBundleBuilder
from audit.proofs.ledger import LedgerSubjects
from audit.proofs.ports import Attester, BundleBuilder, JsonRpc, ProofLedger, ProofSubject
from audit.proofs.solana import SolanaBundleBuilder
from audit.proofs.sql import store_bundle, stored_bundle
from audit.verifier import Rejected, Report, verify
from chains.ports import Chains
from chains.rpc.errors import NodeRefusal
from persistence.database import Database
from primitives.chain_id import ChainId
from primitives.errors import ProofRejected, ProofUnavailable, VoucherNotFound
from primitives.voucher_id import VoucherId


class NodeClients(Chains, Protocol):
    """`chains.registry.ConfiguredChains` conforms."""

    def client(self, chain: ChainId) -> JsonRpc: ...


def bundle_builders(
    chains: NodeClients, attester: Attester, evm_books: Mapping[ChainId, Collection[bytes]]
) -> Mapping[ChainId, BundleBuilder]:
    """One builder for each configured chain, at the finality that the chain's adapter requires.

    Args:
        evm_books: Addresses of each EVM chain's books, 20 bytes each: the newest and those of older campaigns.
    """
    builders: dict[ChainId, BundleBuilder] = {}
    for chain in chains.all():
        finality = chains.adapter(chain).required_finality
        node = chains.client(chain)
        if chain.family == "eip155":
            builders[chain] = EvmBundleBuilder(chain, node, evm_books.get(chain, ()), attester, finality=finality)
        else:
            builders[chain] = SolanaBundleBuilder(chain, node, attester, finality=finality)
    return builders


class ProofService:
    """Builds, keeps and checks bundles."""

    def __init__(
        self,
        database: Database,
        access: VoucherAccess,
        builders: Mapping[ChainId, BundleBuilder],
        ledger: ProofLedger | None = None,
    ) -> None:
        self._database = database
        self._access = access
        self._builders = builders
        self._ledger = ledger or LedgerSubjects()

    async def of_voucher(self, voucher: VoucherId, viewer: Viewer) -> bytes:
        """The bundle of the voucher's redemption, in canonical bytes; the same bytes each time.

        Raises:
            VoucherNotFound: Unknown, or none of the viewer's business.
            ProofUnavailable: Not redeemed, not final yet, or the node no longer has the block.
            NodeUnavailable
        """
        await self._access.require(voucher, viewer)
        async with self._database.transaction() as tx:
            subject = await self._ledger.subject_of_voucher(tx, voucher)
        if subject is None:
            raise ProofUnavailable(f"voucher {voucher} has not been redeemed", voucher=str(voucher))
        return await self._bundle(subject)

    async def of_redemption(self, redemption_id: bytes, viewer: Viewer) -> bytes:
        """As `of_voucher`, by the redemption's 32-byte id."""
        async with self._database.transaction() as tx:
            subject = await self._ledger.subject_of_redemption(tx, redemption_id)
        if subject is None:
            raise VoucherNotFound(f"no redemption {redemption_id.hex()}", redemption=redemption_id.hex())
        await self._access.require(subject.redemption.voucher, viewer)
        return await self._bundle(subject)

    def check(self, data: bytes, *, trusted_block_hash: str | None = None, trusted_keys: Sequence[str] = ()) -> Report:
        """Run the stand-alone verifier.

        Raises:
            ProofRejected: `check` names the first failed check.
        """
        try:
            return verify(data, trusted_block_hash=trusted_block_hash, trusted_keys=trusted_keys)
        except Rejected as rejected:
            raise ProofRejected(f"refused: {rejected.reason}", check=rejected.check) from rejected

    async def _bundle(self, subject: ProofSubject) -> bytes:
        ref = subject.redemption
        async with self._database.transaction() as tx:
            kept = await stored_bundle(tx, ref.redemption_id, ref.tx_hash)
        if kept is not None:
            return kept
        builder = self._builders.get(ref.chain)
        if builder is None:
            raise ProofUnavailable(f"no node of {ref.chain} is configured", chain=str(ref.chain))
        try:
            data = await builder.build(subject)
        except NodeRefusal as refusal:
            raise ProofUnavailable(
                f"the node of {ref.chain} refused: {refusal.text}", chain=str(ref.chain)
            ) from refusal
        # A bundle that its own verifier refuses would be worse than none: ledger and chain do not agree.
        report = self.check(data)
        async with self._database.transaction() as tx:
            await store_bundle(tx, ref.redemption_id, ref.tx_hash, bytes.fromhex(report.digest), data)
            return await stored_bundle(tx, ref.redemption_id, ref.tx_hash) or data
