"""/campaigns/{campaign_id}/analytics and /analytics: what a shop wants to know."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import Response

from api.dependencies import AnalyticsDep
from api.errors import problems
from api.paging import Page
from api.routes.activity import harmless
from api.schemas.analytics import (
    AnalyticsRead,
    CohortRead,
    FunnelRead,
    GiftTakeUpRead,
    LiabilityDayRead,
    StockRead,
)
from api.schemas.base import ResponseBody
from api.security import AnyMember
from primitives.errors import CampaignNotFound, InvalidValue, NotAuthenticated, NotFound, NotPermitted
from primitives.voucher_id import CampaignId
from vouchers.analytics.model import By

router = APIRouter(tags=["campaigns"])

_ASKED = (NotAuthenticated, NotPermitted, NotFound, InvalidValue)
Zone = Annotated[str, Query(max_length=64, description="IANA zone of the days", examples=["Asia/Shanghai"])]
Breakdown = Annotated[By, Query(description="What the funnel is broken down by")]
Part = Literal["funnel", "stock", "gifts", "liability"]


@router.get("/campaigns/{campaign_id}/analytics", responses=problems(*_ASKED, CampaignNotFound))
async def read_analytics(
    campaign_id: str, member: AnyMember, analytics: AnalyticsDep, by: Breakdown = By.DAY, zone: Zone = "UTC"
) -> AnalyticsRead:
    """Funnel, cost, uplift, repeat customers, stock, gifts, liability and breakage, from the ledger as it stands."""
    found = await analytics.campaign(member.tenant_id, CampaignId.parse(campaign_id), by, zone)
    return AnalyticsRead.of(found)


@router.get(
    "/campaigns/{campaign_id}/analytics.csv",
    responses={
        **problems(*_ASKED, CampaignNotFound),
        200: {"content": {"text/csv": {}}, "description": "One line each"},
    },
    response_class=Response,
)
async def export_analytics(
    campaign_id: str,
    member: AnyMember,
    analytics: AnalyticsDep,
    part: Annotated[Part, Query(description="Which table")] = "funnel",
    by: Breakdown = By.DAY,
    zone: Zone = "UTC",
) -> Response:
    """One of the tables as CSV."""
    campaign = CampaignId.parse(campaign_id)
    read = AnalyticsRead.of(await analytics.campaign(member.tenant_id, campaign, by, zone))
    tables: dict[str, tuple[type[ResponseBody], Sequence[ResponseBody]]] = {
        "funnel": (FunnelRead, read.rows),
        "stock": (StockRead, read.stock),
        "gifts": (GiftTakeUpRead, read.gifts),
        "liability": (LiabilityDayRead, read.liability),
    }
    shape, rows = tables[part]
    text = io.StringIO()
    writer = csv.DictWriter(text, list(shape.model_fields), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: harmless(value) for name, value in row.model_dump().items()} for row in rows)
    name = f"{part}-{campaign}.csv"
    return Response(
        text.getvalue(),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@router.get("/analytics/cohorts", responses=problems(*_ASKED))
async def list_cohorts(
    member: AnyMember,
    analytics: AnalyticsDep,
    currency: Annotated[str, Query(pattern="^[A-Z]{3}$")] = "CNY",
    zone: Zone = "UTC",
) -> Page[CohortRead]:
    """Retention of the shop's customers by the month of their first order."""
    found = await analytics.cohorts(member.tenant_id, currency, zone)
    return Page[CohortRead].whole([CohortRead.of(row) for row in found])
