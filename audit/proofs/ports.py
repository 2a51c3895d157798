"""What a proof needs from nodes, from the ledger and from the attestation key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from persistence.database import Transaction
from primitives.chain_id import ChainId
from primitives.voucher_id import CampaignId, VoucherId


class JsonRpc(Protocol):
    """One node; `chains.rpc.client.JsonRpcClient` conforms."""

    async def call(self, method: str, *params: Any) -> Any:
        """Raises NodeUnavailable, or a ChainError for a refusal."""
        ...

    async def batch(self, calls: Sequence[tuple[str, Sequence[Any]]]) -> list[Any]:
        """The answers of several calls, in their order; raises as `call`, for the first that fails."""
        ...


class Attester(Protocol):
    """Signs what no chain evidence can show, with a key that readers can name (ed25519)."""

    @property
    def public_key(self) -> bytes:
        """32 bytes."""
        ...

    async def attest(self, message: bytes) -> bytes:
        """The 64-byte signature over `message`, which starts with the tag of docs/proof-bundle.md."""
        ...


@dataclass(frozen=True, slots=True)
class RedemptionRef:
    """Where the ledger saw a redemption. `redemption_id` has 32 bytes."""

    redemption_id: bytes
    voucher: VoucherId
    chain: ChainId
    tx_hash: str
    height: int
    order_hash: bytes


@dataclass(frozen=True, slots=True)
class CampaignCommitment:
    """What a campaign's id commits to.

    Attributes:
        rule_document: Canonical bytes.
        evm_issuer: 20 bytes, zeros when the campaign is not on EVM.
        solana_issuer: 32 bytes, zeros when the campaign is not on Solana.
        salt: 32 bytes.
    """

    rule_document: bytes
    evm_issuer: bytes
    solana_issuer: bytes
    salt: bytes


@dataclass(frozen=True, slots=True)
class ProofSubject:
    """A redemption with the content-addressed documents around it.

    Attributes:
        order_document: Canonical bytes, if kept.
        life: Ids of the transactions that changed the voucher, as the ledger knows them, in their order.
    """

    redemption: RedemptionRef
    campaign_id: CampaignId
    campaign: CampaignCommitment
    order_document: bytes | None
    life: tuple[str, ...] = ()


class ProofLedger(Protocol):
    """The ledger's side of a proof."""

    async def subject_of_voucher(self, tx: Transaction, voucher: VoucherId) -> ProofSubject | None:
        """The newest redemption of a voucher that no reorg took back; None before one."""
        ...

    async def subject_of_redemption(self, tx: Transaction, redemption_id: bytes) -> ProofSubject | None: ...


class BundleBuilder(Protocol):
    """Builds bundles of one chain."""

    async def build(self, subject: ProofSubject) -> bytes:
        """The canonical bytes.

        Raises:
            ProofUnavailable: Not final yet, or the node no longer has the block, or the bundle cannot hold the case.
            NodeUnavailable
        """
        ...
