"""Exports: CSV or JSON lines by filters, masked by role, in a ZIP with a signed manifest."""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from enum import StrEnum
from typing import Any

import orjson

from audit.auditors.service import AuditReader
from audit.export import sql
from audit.masking import PERSONAL, Masking
from audit.proofs.ports import Attester
from codec.canonical_json import encode_canonical
from persistence.database import Database
from primitives.clock import Clock, SystemClock
from primitives.errors import InvalidValue, NotPermitted
from primitives.voucher_id import CampaignId

MOST_ROWS = 50_000
EXPORT_TAG = b"quanbao.export.v1\n"

_FACT_COLUMNS = (
    *("chain", "height", "transaction_index", "event_index", "block_hash", "observation", "transaction", "block_time"),
    *("kind", "campaign", "voucher", "order_hash", "redemption_id", "fact"),
)
_VOUCHER_COLUMNS = (
    *("voucher", "campaign", "chain", "holder", "status", "moves", "issued_height", "issued_at", "ended_at"),
    *("merchant", "redemption_id", "order_hash", "amount_minor", "payout"),
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class ExportKind(StrEnum):
    FACTS = "facts"
    """Every observation of the ledger."""
    VOUCHERS = "vouchers"
    """The vouchers as they stand."""


class ExportFormat(StrEnum):
    CSV = "csv"
    JSONL = "jsonl"


@dataclass(frozen=True, slots=True)
class ExportFilters:
    """`kind`: of facts, or a status of vouchers. Times are block times, Unix seconds, half-open."""

    campaign: CampaignId | None = None
    chain: str | None = None
    kind: str | None = None
    since: int = 0
    until: int = 2**40

    def to_json(self) -> dict[str, Any]:
        return {
            "campaign": None if self.campaign is None else str(self.campaign),
            "chain": self.chain,
            "kind": self.kind,
            "since": self.since,
            "until": self.until,
        }


@dataclass(frozen=True, slots=True)
class Export:
    """A ZIP with `data.csv` or `data.jsonl`, and `manifest.json`; the manifest once more for the record."""

    body: bytes
    manifest: Mapping[str, Any]


class ExportService:
    """Args:
    attester: Signs manifests: EXPORT_TAG ‖ canonical bytes of the manifest without `signature`.
    """

    def __init__(self, database: Database, attester: Attester, clock: Clock | None = None) -> None:
        self._database = database
        self._attester = attester
        self._clock = clock or SystemClock()

    async def export(self, kind: ExportKind, form: ExportFormat, filters: ExportFilters, reader: AuditReader) -> Export:
        """At most 50,000 rows.

        Raises:
            InvalidValue: More rows fit the filters: narrow them.
            NotPermitted: The campaign was not granted.
        """
        viewer = reader.viewer
        if filters.campaign is not None and not viewer.may_see(filters.campaign):
            raise NotPermitted("this campaign is not among those that were granted", rule="grant")
        granted = None if viewer.sees_all else sorted(str(one) for one in viewer.campaigns)
        campaigns = granted if filters.campaign is None else [str(filters.campaign)]
        rows = sql.fact_rows if kind is ExportKind.FACTS else sql.voucher_rows
        columns = _FACT_COLUMNS if kind is ExportKind.FACTS else _VOUCHER_COLUMNS
        lines = _Lines(form, columns)
        async with self._database.transaction() as tx:
            found = rows(
                tx,
                campaigns=campaigns,
                chain=filters.chain,
                kind=filters.kind,
                since=max(filters.since, viewer.facts_since),
                until=min(filters.until, viewer.facts_until),
                limit=MOST_ROWS + 1,
            )
            async for row in found:
                if lines.count == MOST_ROWS:
                    raise InvalidValue(f"more than {MOST_ROWS} rows: narrow campaign, chain or time", rows=MOST_ROWS)
                shown = _fact(row) if kind is ExportKind.FACTS else _voucher(row)
                lines.add(_masked(shown, reader.masking))
        data = lines.bytes()
        manifest = await self._manifest(kind, form, filters, reader, lines.count, columns, data)
        return Export(_zipped(form, data, manifest), manifest)

    async def _manifest(
        self,
        kind: ExportKind,
        form: ExportFormat,
        filters: ExportFilters,
        reader: AuditReader,
        rows: int,
        columns: Sequence[str],
        data: bytes,
    ) -> dict[str, Any]:
        manifest: dict[str, Any] = {
            "columns": list(columns),
            "filters": filters.to_json(),
            "format": form.value,
            "key": self._attester.public_key.hex(),
            "kind": kind.value,
            "made_at": self._clock.now().astimezone(UTC).isoformat(timespec="seconds"),
            "made_for": str(reader.id),
            "masked": [] if reader.masking.grant is None else list(PERSONAL),
            "rows": rows,
            "sha256": hashlib.sha256(data).hexdigest(),
            "version": 1,
        }
        signature = await self._attester.attest(EXPORT_TAG + encode_canonical(manifest))
        return {**manifest, "signature": signature.hex()}


class _Lines:
    def __init__(self, form: ExportFormat, columns: Sequence[str]) -> None:
        self._form, self._columns, self.count = form, columns, 0
        self._target = io.StringIO()
        self._writer = csv.writer(self._target)
        if form is ExportFormat.CSV:
            self._writer.writerow(columns)

    def add(self, row: Mapping[str, Any]) -> None:
        self.count += 1
        if self._form is ExportFormat.JSONL:
            self._target.write(orjson.dumps(row, option=orjson.OPT_SORT_KEYS).decode() + "\n")
        else:
            self._writer.writerow([_cell(row[name]) for name in self._columns])

    def bytes(self) -> bytes:
        return self._target.getvalue().encode()


def _cell(value: Any) -> str:
    """What a spreadsheet would take for a formula gets an apostrophe before it."""
    text = "" if value is None else orjson.dumps(value).decode() if isinstance(value, dict) else str(value)
    return "'" + text if text.startswith(_FORMULA) else text


def _fact(row: Any) -> dict[str, Any]:
    return {
        "chain": row.chain,
        "height": row.height,
        "transaction_index": row.transaction_index,
        "event_index": row.event_index,
        "block_hash": bytes(row.block_hash).hex(),
        "observation": row.observation,
        "transaction": row.tx_hash,
        "block_time": row.block_time,
        "kind": row.kind,
        "campaign": row.campaign_id,
        "voucher": row.voucher_id,
        "order_hash": _hex(row.order_hash),
        "redemption_id": _hex(row.redemption_id),
        "fact": dict(row.fact),
    }


def _voucher(row: Any) -> dict[str, Any]:
    return {
        "voucher": row.id,
        "campaign": row.campaign_id,
        "chain": row.chain,
        "holder": row.holder,
        "status": row.status,
        "moves": row.moves,
        "issued_height": row.issued_height,
        "issued_at": row.issued_at,
        "ended_at": row.ended_at,
        "merchant": row.merchant,
        "redemption_id": _hex(row.redemption_id),
        "order_hash": _hex(row.order_hash),
        "amount_minor": row.amount_minor,
        "payout": None if row.payout is None else str(row.payout),
    }


def _masked(row: Mapping[str, Any], masking: Masking) -> dict[str, Any]:
    shown = masking.fields(row)
    if isinstance(shown.get("fact"), dict):
        shown["fact"] = masking.fields(shown["fact"])
    return shown


def _hex(value: bytes | None) -> str | None:
    return None if value is None else bytes(value).hex()


def _zipped(form: ExportFormat, data: bytes, manifest: Mapping[str, Any]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"data.{form.value}", data)
        archive.writestr("manifest.json", encode_canonical(dict(manifest)))
    return target.getvalue()
