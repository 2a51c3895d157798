"""/audit, and the provenance and proof of vouchers."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from api.auditing import Auditing
from api.dependencies import ProofsDep, ProvenanceDep, SearchDep
from api.errors import problems
from api.paging import Page
from api.routes import audit_reading
from api.routes.audit_reading import AuditingDep
from api.schemas.audit import HitRead, ProvenanceRead, ReportRead
from api.security import CallingAuditor, CallingPerson
from audit.access import Viewer
from audit.auditors.service import platform_reader
from people.caller import Caller
from people.roles import PlatformRole
from primitives.errors import (
    AuditUnavailable,
    InvalidValue,
    NodeUnavailable,
    NotAuthenticated,
    NotPermitted,
    ProofRejected,
    ProofUnavailable,
    VoucherNotFound,
)
from primitives.voucher_id import VoucherId

router = APIRouter(tags=["audit"])
router.include_router(audit_reading.router)

BUNDLE_MEDIA_TYPE = "application/json"


async def _note(auditing: Auditing, caller: Caller, act: str, facts: dict[str, str]) -> None:
    """What an auditor reads is recorded before it is answered."""
    if PlatformRole.AUDITOR in caller.platform_roles:
        await auditing.auditors.note(platform_reader(caller.person_id), act, facts)


def _viewer(caller: Caller) -> Viewer:
    return Viewer(caller.tenants, sees_all=PlatformRole.AUDITOR in caller.platform_roles)


@router.get("/audit/search", responses=problems(NotAuthenticated, NotPermitted, InvalidValue, AuditUnavailable))
async def search_audit(
    caller: CallingAuditor,
    search: SearchDep,
    auditing: AuditingDep,
    q: Annotated[str, Query(min_length=1, max_length=200, description="An id, hash, transaction or account")],
) -> Page[HitRead]:
    """Everything that the text may name: a voucher, campaign, redemption, order, transaction, block or account."""
    await _note(auditing, caller, "search", {"q": q})
    return Page[HitRead].whole([HitRead.of(hit) for hit in await search.search(q)])


@router.post(
    "/audit/verify",
    responses=problems(NotAuthenticated, ProofRejected),
    openapi_extra={
        "requestBody": {
            "required": True,
            "description": "A proof bundle, byte for byte as it was handed out",
            "content": {BUNDLE_MEDIA_TYPE: {"schema": {"type": "object"}}},
        }
    },
)
async def verify_proof(
    caller: CallingPerson,
    proofs: ProofsDep,
    request: Request,
    trusted_block_hash: Annotated[
        str | None, Query(max_length=66, description="EVM: hash of a block that you know from elsewhere")
    ] = None,
    trusted_key: Annotated[
        list[str] | None, Query(max_length=16, description="Attestation keys (64 hex digits) to accept; none: any")
    ] = None,
) -> ReportRead:
    """Check a bundle with the stand-alone verifier; the same as `quanbao verify`, which needs no trust in us."""
    data = await request.body()
    return ReportRead.of(proofs.check(data, trusted_block_hash=trusted_block_hash, trusted_keys=trusted_key or ()))


@router.get(
    "/vouchers/{voucher_id}/provenance",
    responses=problems(NotAuthenticated, VoucherNotFound, InvalidValue, AuditUnavailable),
)
async def read_provenance(
    voucher_id: str, caller: CallingPerson, provenance: ProvenanceDep, auditing: AuditingDep
) -> ProvenanceRead:
    """The voucher's life as a tree; for its holders, its campaign's organisation, its merchant and auditors."""
    voucher = VoucherId.parse(voucher_id)
    await _note(auditing, caller, "provenance", {"kind": "voucher", "subject": str(voucher)})
    return ProvenanceRead.of(await provenance.of_voucher(voucher, _viewer(caller)))


@router.get(
    "/vouchers/{voucher_id}/proof",
    response_class=Response,
    responses={
        200: {"content": {BUNDLE_MEDIA_TYPE: {"schema": {"type": "object"}}}, "description": "docs/proof-bundle.md"},
        **problems(
            NotAuthenticated, VoucherNotFound, InvalidValue, ProofUnavailable, NodeUnavailable, AuditUnavailable
        ),
    },
)
async def read_proof(voucher_id: str, caller: CallingPerson, proofs: ProofsDep, auditing: AuditingDep) -> Response:
    """The proof bundle of the voucher's redemption, in canonical bytes; once the redemption is final."""
    voucher = VoucherId.parse(voucher_id)
    await _note(auditing, caller, "proof", {"voucher": str(voucher)})
    data = await proofs.of_voucher(voucher, _viewer(caller))
    name = f'attachment; filename="quanbao-proof-{voucher_id}.json"'
    return Response(data, media_type=BUNDLE_MEDIA_TYPE, headers={"Content-Disposition": name})
