"""What auditors read: reconciliation, alarms, replay, custody, exports and the audit log. Each reading is recorded."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated
from uuid import UUID

import orjson
from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import AwareDatetime

from api.audit_rule import CallingAuditReader
from api.auditing import Auditing
from api.dependencies import ProofsDep, service
from api.errors import problems
from api.paging import Page, Paging
from api.schemas.auditing import (
    AlarmRead,
    BoardLaneRead,
    CustodyRead,
    GrantCreate,
    GrantRead,
    LogProofRead,
    ReconciliationRead,
    ReplayRead,
)
from api.security import Owner
from audit.auditors.service import AuditReader
from audit.export.service import ExportFilters, ExportFormat, ExportKind
from audit.provenance import render
from audit.provenance.model import SubjectKind
from audit.reconciliation.sql import alarms, newest_results
from keystore.audit_export import make_root
from primitives.chain_id import ChainId
from primitives.clock import SystemClock
from primitives.errors import (
    AuditUnavailable,
    CampaignNotFound,
    InvalidValue,
    NodeUnavailable,
    NotAuthenticated,
    NotFound,
    NotPermitted,
    ProofUnavailable,
    VoucherNotFound,
)
from primitives.voucher_id import CampaignId, VoucherId

router = APIRouter(prefix="/audit", tags=["audit"])
AuditingDep = Annotated[Auditing, service("auditing")]

_ALWAYS = (NotAuthenticated, NotPermitted, AuditUnavailable, InvalidValue)


class Shape(StrEnum):
    JSON = "json"
    CSV = "csv"
    HTML = "html"
    SVG = "svg"


_MEDIA = {Shape.CSV: "text/csv", Shape.HTML: "text/html", Shape.SVG: "image/svg+xml"}


@router.get("/campaigns/{campaign_id}/reconciliation", responses=problems(*_ALWAYS, CampaignNotFound, NodeUnavailable))
async def reconcile(
    campaign_id: str,
    reader: CallingAuditReader,
    auditing: AuditingDep,
    chain: Annotated[str | None, Query(max_length=80, description="CAIP-2; without it every lane")] = None,
    height: Annotated[int | None, Query(ge=0, lt=2**53, description="Of that chain; without it now")] = None,
    deep: Annotated[bool, Query(description="Compare event by event as well")] = False,
) -> Page[ReconciliationRead]:
    """Chain supply, outstanding, redemptions, escrow and books of a campaign, compared at one block."""
    campaign = CampaignId.parse(campaign_id)
    _require(reader, campaign)
    await auditing.auditors.note(reader, "reconciliation", {"campaign": str(campaign), "height": str(height)})
    lanes = await auditing.reconciliation.of_campaign(
        campaign, height=height, chain=None if chain is None else ChainId.parse(chain), deep=deep
    )
    return Page[ReconciliationRead].whole([ReconciliationRead.of(lane, reader.masking) for lane in lanes])


@router.get("/reconciliations", responses=problems(*_ALWAYS))
async def list_reconciliations(
    reader: CallingAuditReader, auditing: AuditingDep, wanted: Paging
) -> Page[BoardLaneRead]:
    """What the continuous reconciliation said last of every campaign and chain, by campaign."""
    await auditing.auditors.note(reader, "reconciliations", {})
    campaigns = None if reader.viewer.sees_all else list(reader.viewer.campaigns)
    async with auditing.database.transaction() as tx:
        rows = await newest_results(tx, campaigns=campaigns, after=wanted.after(str, str), limit=wanted.limit + 1)
    return wanted.page(rows, BoardLaneRead.of, lambda row: (row.campaign_id, row.chain))


@router.get("/divergences", responses=problems(*_ALWAYS))
async def list_divergences(
    reader: CallingAuditReader,
    auditing: AuditingDep,
    cleared: Annotated[bool, Query(description="Those that are over, too")] = False,
) -> Page[AlarmRead]:
    """What the continuous reconciliation found, newest first; at most 200."""
    await auditing.auditors.note(reader, "divergences", {"cleared": str(cleared)})
    campaigns = None if reader.viewer.sees_all else list(reader.viewer.campaigns)
    async with auditing.database.transaction() as tx:
        rows = await alarms(tx, campaigns=campaigns, with_cleared=cleared)
    return Page[AlarmRead].whole([AlarmRead.of(row, reader.masking) for row in rows])


@router.get("/replay/{redemption_id}", responses=problems(*_ALWAYS, VoucherNotFound))
async def replay(redemption_id: str, reader: CallingAuditReader, auditing: AuditingDep) -> ReplayRead:
    """The price of one redemption, computed again from the committed rule documents and the order."""
    identity = _identity(redemption_id)
    await auditing.auditors.note(reader, "replay", {"redemption": identity.hex()})
    return ReplayRead.of(await auditing.replay.of_redemption(identity, reader.viewer), reader.masking)


@router.get(
    "/provenance/{kind}/{subject}",
    response_model=CustodyRead,
    responses={
        200: {
            "description": "As `shape` says",
            "content": {kind: {"schema": {"type": "string"}} for kind in _MEDIA.values()},
        },
        **problems(*_ALWAYS),
    },
)
async def read_custody(
    kind: SubjectKind,
    subject: str,
    reader: CallingAuditReader,
    auditing: AuditingDep,
    shape: Annotated[Shape, Query(description="`html` is a page to print, `svg` a picture")] = Shape.JSON,
    height: Annotated[int | None, Query(ge=0, lt=2**53, description="Only up to this block")] = None,
    time: Annotated[AwareDatetime | None, Query(description="Only up to this block time")] = None,
) -> CustodyRead | Response:
    """The chain of custody of a voucher, a holder, a merchant or a campaign, with places and finality. Outside auditors
    get persons' accounts as pseudonyms, as in exports, and may ask for a holder by one."""
    await auditing.auditors.note(reader, "provenance", {"kind": kind.value, "subject": subject[:200]})
    until = None if time is None else int(time.timestamp())
    custody = await auditing.custody.of(kind, subject, reader, height=height, time=until)
    if shape is Shape.JSON:
        return CustodyRead.of(custody)
    drawn = {Shape.CSV: render.as_csv, Shape.HTML: render.as_html, Shape.SVG: render.as_svg}[shape](custody)
    # A page or picture of ours runs nothing and loads nothing, whatever the names in it say.
    headers = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox"}
    return Response(drawn, media_type=_MEDIA[shape], headers=headers)


@router.get(
    "/vouchers/{voucher_id}/proof",
    response_class=Response,
    responses={
        200: {"content": {"application/json": {"schema": {"type": "object"}}}, "description": "docs/proof-bundle.md"},
        **problems(*_ALWAYS, VoucherNotFound, ProofUnavailable, NodeUnavailable),
    },
)
async def read_proof_as_auditor(
    voucher_id: str, reader: CallingAuditReader, auditing: AuditingDep, proofs: ProofsDep
) -> Response:
    """The proof bundle of a voucher's redemption, also for outside auditors: it names the holder, who is proven."""
    voucher = VoucherId.parse(voucher_id)
    await auditing.auditors.note(reader, "proof", {"voucher": str(voucher)})
    return Response(await proofs.of_voucher(voucher, reader.viewer), media_type="application/json")


@router.get(
    "/export",
    response_class=Response,
    responses={
        200: {
            "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
            "description": "`data.csv` or `data.jsonl`, and `manifest.json` with its signature",
        },
        **problems(*_ALWAYS),
    },
)
async def export(
    reader: CallingAuditReader,
    auditing: AuditingDep,
    kind: Annotated[ExportKind, Query(description="Every observation, or the vouchers as they stand")],
    format: Annotated[ExportFormat, Query()] = ExportFormat.CSV,
    campaign: Annotated[str | None, Query(pattern="^[0-9a-f]{48}$")] = None,
    chain: Annotated[str | None, Query(max_length=80, description="CAIP-2")] = None,
    of: Annotated[str | None, Query(max_length=40, description="A kind of fact, or a status of vouchers")] = None,
    since: Annotated[AwareDatetime | None, Query(description="Block time, included")] = None,
    until: Annotated[AwareDatetime | None, Query(description="Block time, not included")] = None,
) -> Response:
    """At most 50,000 rows. Outside auditors get persons' accounts as pseudonyms. Every download is recorded."""
    filters = ExportFilters(
        campaign=None if campaign is None else CampaignId.parse(campaign),
        chain=chain,
        kind=of,
        since=0 if since is None else int(since.timestamp()),
        until=2**40 if until is None else int(until.timestamp()),
    )
    made = await auditing.exports.export(kind, format, filters, reader)
    noted = {"kind": kind.value, "rows": str(made.manifest["rows"]), "sha256": made.manifest["sha256"]}
    await auditing.auditors.note(reader, "export", noted | {"filters": orjson.dumps(filters.to_json()).decode()})
    name = f'attachment; filename="quanbao-{kind.value}.zip"'
    return Response(made.body, media_type="application/zip", headers={"Content-Disposition": name})


@router.get("/log/{subject_id}/{sequence}", responses=problems(*_ALWAYS, NotFound))
async def prove_log_entry(
    subject_id: UUID, sequence: int, reader: CallingAuditReader, auditing: AuditingDep
) -> LogProofRead:
    """One entry of the hash-chained audit log with its proof below a signed root; of a grant only its own readings."""
    if not reader.viewer.sees_all and subject_id != reader.id:
        raise NotPermitted("a grant sees the entries of its own readings", rule="grant")
    await auditing.auditors.note(reader, "log", {"subject": str(subject_id), "sequence": str(sequence)})
    attester = auditing.attester
    root, proofs = await make_root(
        auditing.database, SystemClock(), attester.public_key, attester.attest, [(subject_id, sequence)]
    )
    return LogProofRead(root=orjson.loads(root), proof=orjson.loads(proofs[0]))


# --------------------------------------------------------------------------------------------------------------- grants


@router.post("/grants", status_code=201, responses=problems(NotAuthenticated, NotPermitted, CampaignNotFound))
async def create_audit_grant(body: GrantCreate, member: Owner, auditing: AuditingDep) -> GrantRead:
    """Let an outside auditor read campaigns of this organisation; the token is told once."""
    grant, token = await auditing.auditors.grant(
        member.tenant_id,
        member.caller.person_id,
        label=body.label,
        campaigns=[CampaignId.parse(one) for one in body.campaigns],
        facts_since=int(body.facts_since.timestamp()),
        facts_until=int(body.facts_until.timestamp()),
        expires_at=body.expires_at,
    )
    return GrantRead.of(grant, token)


@router.get("/grants", responses=problems(NotAuthenticated, NotPermitted))
async def list_audit_grants(member: Owner, auditing: AuditingDep) -> Page[GrantRead]:
    """Those that the caller gave, newest first."""
    return Page[GrantRead].whole([GrantRead.of(one) for one in await auditing.auditors.grants(member.caller.person_id)])


@router.delete("/grants/{grant_id}", status_code=204, responses=problems(NotAuthenticated, NotPermitted, NotFound))
async def revoke_audit_grant(grant_id: UUID, member: Owner, auditing: AuditingDep) -> None:
    """The token ends at once."""
    await auditing.auditors.revoke(grant_id, member.caller.person_id)


def _require(reader: AuditReader, campaign: CampaignId) -> None:
    if not reader.viewer.may_see(campaign):
        raise NotPermitted("this campaign is not among those that were granted", rule="grant")


def _identity(text: str) -> bytes:
    try:
        raw = bytes.fromhex(text)
    except ValueError:
        raw = b""
    if len(raw) != 32 or raw.hex() != text:
        raise InvalidValue("a redemption id has 64 lower-case hex digits")
    return raw
