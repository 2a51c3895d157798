"""/settlements: payouts by day, credit, books, liability, debts."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.dependencies import BooksDep, ExpiryDep, IdempotencyKey, RefundsDep, SettlementDep
from api.errors import problems
from api.paging import Page
from api.schemas.settlements import (
    BalanceRead,
    BookLane,
    BooksRead,
    DebtRead,
    LiabilityRead,
    PayoutRead,
    ReceivableRead,
    SettleRead,
    SettleRequest,
)
from api.security import AnyMember, Manager
from primitives.chain_id import ChainId
from primitives.contract_errors import NothingToSettle
from primitives.errors import (
    CampaignNotFound,
    IdempotencyConflict,
    InvalidTerms,
    InvalidValue,
    MerchantNotOfCampaign,
    NodeUnavailable,
    NotAuthenticated,
    NotFound,
    NotPermitted,
)
from primitives.voucher_id import CampaignId

router = APIRouter(prefix="/settlements", tags=["settlements"])

_ASKED = (NotAuthenticated, NotPermitted, NotFound)
Day = Annotated[date, Query(description="ISO date in the zone")]
Zone = Annotated[str, Query(max_length=64, description="IANA zone of the days", examples=["Asia/Shanghai"])]


@router.get("/payouts", responses=problems(*_ASKED, InvalidValue))
async def list_payouts(
    member: AnyMember, settlement: SettlementDep, first: Day, last: Day, zone: Zone = "UTC"
) -> Page[PayoutRead]:
    """What the organisation's treasuries got, per day and asset; both days included."""
    found = await settlement.payouts(member.tenant_id, first, last, zone)
    return Page[PayoutRead].whole([PayoutRead.of(line) for line in found])


@router.get(
    "/payouts.csv",
    responses={**problems(*_ASKED, InvalidValue), 200: {"content": {"text/csv": {}}, "description": "One line each"}},
    response_class=Response,
)
async def export_payouts(
    member: AnyMember, settlement: SettlementDep, first: Day, last: Day, zone: Zone = "UTC"
) -> Response:
    """The same as CSV."""
    lines = [PayoutRead.of(line) for line in await settlement.payouts(member.tenant_id, first, last, zone)]
    text = io.StringIO()
    writer = csv.DictWriter(text, list(PayoutRead.model_fields), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(line.model_dump() for line in lines)
    name = f"payouts-{first}-{last}.csv"
    return Response(
        text.getvalue(),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@router.get("/credit/{campaign_id}", responses=problems(*_ASKED, InvalidValue, CampaignNotFound, NodeUnavailable))
async def list_credit(campaign_id: str, member: AnyMember, settlement: SettlementDep) -> Page[ReceivableRead]:
    """What a campaign's book keeps for the organisation."""
    found = await settlement.receivables(member.tenant_id, CampaignId.parse(campaign_id))
    return Page[ReceivableRead].whole([ReceivableRead.of(one) for one in found])


@router.post(
    "",
    status_code=202,
    responses=problems(
        *_ASKED,
        CampaignNotFound,
        InvalidTerms,
        MerchantNotOfCampaign,
        NothingToSettle,
        IdempotencyConflict,
        NodeUnavailable,
    ),
)
async def settle(body: SettleRequest, member: Manager, key: IdempotencyKey, settlement: SettlementDep) -> SettleRead:
    """Pay out the credit that is due."""
    payment = await settlement.settle(
        member.tenant_id, CampaignId.parse(body.campaign), ChainId.parse(body.chain), idempotency_key=key
    )
    return SettleRead(payment=payment)


@router.get("/books/{campaign_id}", responses=problems(*_ASKED, InvalidValue, CampaignNotFound, NodeUnavailable))
async def read_books(campaign_id: str, member: AnyMember, books: BooksDep) -> BooksRead:
    """Books, ledger and chain of a campaign of the organisation, and the sums of its accounts."""
    campaign = CampaignId.parse(campaign_id)
    balances = await books.balances(member.tenant_id, campaign)
    checks = await books.check(campaign)
    return BooksRead(
        lanes=[BookLane.of(check) for check in checks],
        balances=[
            BalanceRead(account=account.value, asset=asset, base_units=str(amount))
            for (account, asset), amount in sorted(balances.items())
        ],
    )


@router.get("/liability/{campaign_id}", responses=problems(*_ASKED, InvalidValue, CampaignNotFound, NodeUnavailable))
async def read_liability(campaign_id: str, member: AnyMember, expiry: ExpiryDep) -> Page[LiabilityRead]:
    """What a campaign of the organisation may still cost, and what was never used."""
    found = await expiry.liability(member.tenant_id, CampaignId.parse(campaign_id))
    return Page[LiabilityRead].whole([LiabilityRead.of(lane) for lane in found])


@router.get("/debts", responses=problems(*_ASKED))
async def list_debts(member: AnyMember, refunds: RefundsDep) -> Page[DebtRead]:
    """What the organisation's refunds still wait for, open ones first."""
    return Page[DebtRead].whole([DebtRead.of(row) for row in await refunds.debts(member.tenant_id)])
