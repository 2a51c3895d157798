"""Schemas of provenance, search and proof bundles."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Self

from pydantic import Field

from api.schemas.base import Moment, ResponseBody
from audit.provenance.model import Node, Place, Provenance
from audit.search.service import Hit
from audit.verifier import Report
from primitives.base58 import encode_base58


class PlaceRead(ResponseBody):
    """Where an act was read on its chain."""

    chain: str = Field(description="CAIP-2", examples=["eip155:31337"])
    height: int = Field(description="Block number or slot", examples=[4])
    block_hash: str = Field(description="As the chain writes it: 0x-hex or base58", examples=["0x1773e745e680fb4d…"])
    transaction_index: int = Field(description="Place of the transaction in its block", examples=[5])
    event_index: int = Field(description="Place of the event (EVM: log index in the block)", examples=[1])
    transaction: str = Field(description="0x-hex hash or base58 signature", examples=["0xe4abdb44f926ddf8…"])
    block_time: Moment = Field(description="RFC 3339")
    finality: str | None = Field(
        description="included, safe or finalized; null for a block that is no longer on the chain",
        examples=["finalized"],
    )

    @classmethod
    def of(cls, place: Place) -> Self:
        raw = place.position.block_hash
        return cls(
            chain=str(place.chain),
            height=place.position.height,
            block_hash="0x" + raw.hex() if place.chain.family == "eip155" else encode_base58(raw),
            transaction_index=place.position.transaction_index,
            event_index=place.position.event_index,
            transaction=place.tx_hash,
            block_time=datetime.fromtimestamp(place.block_time, UTC),
            finality=None if place.finality is None else place.finality.name.lower(),
        )


class ProvenanceNodeRead(ResponseBody):
    """One act, and what followed from it."""

    act: str = Field(
        description="campaign, rules, launch, funding, issue, move, redemption, payout, remainder, void, reclaim or "
        "divergence",
        examples=["redemption"],
    )
    standing: bool = Field(description="False: a reorganisation took it back", examples=[True])
    place: PlaceRead | None = Field(description="Null for the campaign's own record and its rule document")
    details: dict[str, str] = Field(
        description="Ids, parties and amounts as text", examples=[{"amount_minor": "2000", "payout": "20000000"}]
    )
    children: list[ProvenanceNodeRead] = Field(description="In order of position")

    @classmethod
    def of(cls, node: Node) -> Self:
        return cls(
            act=node.act.value,
            standing=node.standing,
            place=None if node.place is None else PlaceRead.of(node.place),
            details=dict(node.details),
            children=[cls.of(child) for child in node.children],
        )


class ProvenanceRead(ResponseBody):
    """A voucher's life."""

    voucher: str = Field(description="64 hex digits", examples=["6a47" + "0" * 59 + "1"])
    chain: str = Field(description="CAIP-2", examples=["eip155:31337"])
    redemption_id: str | None = Field(description="64 hex digits, while a redemption stands", examples=[None])
    root: ProvenanceNodeRead = Field(description="The campaign")

    @classmethod
    def of(cls, provenance: Provenance) -> Self:
        redemption = provenance.redemption_id
        return cls(
            voucher=str(provenance.voucher),
            chain=str(provenance.chain),
            redemption_id=None if redemption is None else redemption.hex(),
            root=ProvenanceNodeRead.of(provenance.root),
        )


class HitRead(ResponseBody):
    """Something that the searched text names."""

    kind: str = Field(
        description="voucher, campaign, redemption, order, transaction, account or block", examples=["voucher"]
    )
    id: str = Field(description="As its own resource writes it", examples=["6a47" + "0" * 59 + "1"])
    because: str = Field(description="`id`, or the name of the hash or party that matched", examples=["transaction"])
    chain: str | None = Field(description="CAIP-2, where one chain is meant", examples=["eip155:31337"])

    @classmethod
    def of(cls, hit: Hit) -> Self:
        return cls(kind=hit.kind.value, id=hit.id, because=hit.because, chain=hit.chain)


class FactRead(ResponseBody):
    """One statement of a bundle, and what carries it."""

    name: str = Field(examples=["holder_consent"])
    basis: str = Field(description="`proven`, or `attested by ed25519:<key>`", examples=["proven"])
    statement: str = Field(description="In plain words", examples=["the holder signed the order"])


class ReportRead(ResponseBody):
    """An accepted bundle."""

    digest: str = Field(description="SHA-256 that the bundle names itself by, hex", examples=["5898" + "0" * 60])
    claim: Mapping[str, Any] = Field(description="What the bundle says (docs/proof-bundle.md)")
    facts: list[FactRead]

    @classmethod
    def of(cls, report: Report) -> Self:
        facts = [FactRead(name=fact.name, basis=fact.basis, statement=fact.statement) for fact in report.facts]
        return cls(digest=report.digest, claim=report.claim, facts=facts)
