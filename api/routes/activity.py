"""/activity: every transaction and voucher act of the caller's accounts in one list."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated

import orjson
from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import StreamingResponse

from api.dependencies import ActivityDep, PreferredLanguage
from api.errors import problems
from api.paging import PageRequest, Paging, encode_cursor
from api.schemas.activity import ActivityNote, ActivityPage, ActivityRead, ExportFormat
from api.security import CallingPerson
from primitives.account_id import AccountId
from primitives.chain_id import ChainId
from primitives.errors import InvalidAddress, InvalidValue, NotAuthenticated, NotFound
from wallets.activity.model import MAX_SEARCH, ActivityEntry
from wallets.activity.service import Asked

router = APIRouter(prefix="/activity", tags=["activity"])

EntryId = Annotated[str, Path(min_length=3, max_length=400, pattern=r"^[!-~]+$")]
_FIELDS = (
    "at",
    "kind",
    "state",
    "direction",
    "text",
    "account",
    "chain",
    "tx_hash",
    "height",
    "amount",
    "symbol",
    "asset",
    "units",
    "fee",
    "fee_symbol",
    "counterparty",
    "note",
    "id",
)
_ASKED = (NotAuthenticated, InvalidValue, InvalidAddress)


async def _asked(
    account: Annotated[str | None, Query(max_length=120, description="CAIP-10, one of the caller's")] = None,
    chain: Annotated[str | None, Query(max_length=60, description="CAIP-2")] = None,
    kind: Annotated[list[str] | None, Query(max_length=40, description="Repeat it for several")] = None,
    q: Annotated[
        str | None,
        Query(min_length=1, max_length=MAX_SEARCH, description="In words, titles, symbols, addresses, hashes, notes"),
    ] = None,
    since: Annotated[datetime | None, Query(description="RFC 3339, with its zone")] = None,
    until: Annotated[datetime | None, Query(description="Not included")] = None,
) -> Asked:
    for moment in (since, until):
        if moment is not None and moment.tzinfo is None:
            raise InvalidValue("a time needs its zone", field="since")
    if q is not None and "\x00" in q:
        raise InvalidValue("text must not contain U+0000", field="q")
    return Asked(
        account=None if account is None else AccountId.parse(account),
        chain=None if chain is None else ChainId.parse(chain),
        kinds=None if kind is None else frozenset(kind),
        search=q,
        since=None if since is None else _moment(since, "since"),
        until=None if until is None else _moment(until, "until"),
    )


def _moment(given: datetime, field: str) -> datetime:
    """In UTC. Raises InvalidValue: without a zone, or so far away that UTC has no name for it."""
    if given.tzinfo is None:
        raise InvalidValue("a time needs its zone", field=field)
    try:
        return given.astimezone(UTC)
    except OverflowError as error:
        raise InvalidValue("this time is too far away", field=field) from error


AskedQuery = Annotated[Asked, Depends(_asked)]


@router.get("", responses=problems(*_ASKED))
async def list_activity(
    caller: CallingPerson, activity: ActivityDep, asked: AskedQuery, paging: Paging, language: PreferredLanguage
) -> ActivityPage:
    """Newest first, in plain words. What a reorganisation took away stays, as `reversed`."""
    found, unavailable = await activity.read(
        caller.tenant_id, asked, before=_place(paging), limit=min(paging.limit, 200) + 1
    )
    page = found[: paging.limit]
    more = len(found) > paging.limit
    return ActivityPage(
        items=[ActivityRead.of(one, language) for one in page],
        next_cursor=encode_cursor(page[-1].at.isoformat(), page[-1].id) if more else None,
        unavailable=sorted(str(chain) for chain in unavailable),
    )


@router.get(
    "/export",
    responses={
        **problems(*_ASKED),
        200: {"content": {"text/csv": {}, "application/jsonl": {}}, "description": "One line each, newest first"},
    },
    response_class=StreamingResponse,
)
async def export_activity(
    caller: CallingPerson,
    activity: ActivityDep,
    asked: AskedQuery,
    language: PreferredLanguage,
    format: Annotated[ExportFormat, Query(description="`csv`, or JSON lines")] = "csv",
) -> StreamingResponse:
    """The whole list, or what a filter leaves of it, as a file."""
    # The first page is read before the answer begins, so that a wrong filter is a problem and not a broken file.
    await activity.read(caller.tenant_id, asked, limit=1)
    entries = activity.export(caller.tenant_id, asked)
    lines = _csv(entries, language) if format == "csv" else _jsonl(entries, language)
    return StreamingResponse(
        lines,
        media_type="text/csv; charset=utf-8" if format == "csv" else "application/jsonl",
        headers={"Content-Disposition": f'attachment; filename="activity.{format}"'},
    )


@router.put("/{entry_id}/note", status_code=204, responses=problems(NotAuthenticated, InvalidValue, NotFound))
async def put_activity_note(
    entry_id: EntryId, body: ActivityNote, caller: CallingPerson, activity: ActivityDep
) -> None:
    """Write a note on an entry of the caller's, in place of the one before."""
    await activity.note(caller.tenant_id, entry_id, body.note)


@router.delete("/{entry_id}/note", status_code=204, responses=problems(NotAuthenticated, NotFound))
async def erase_activity_note(entry_id: EntryId, caller: CallingPerson, activity: ActivityDep) -> None:
    """Erase the note; what happened stays in the list."""
    await activity.erase_note(caller.tenant_id, entry_id)


def _place(paging: PageRequest) -> tuple[datetime, str] | None:
    after = paging.after(str, str)
    if after is None:
        return None
    try:
        at = datetime.fromisoformat(after[0])
    except ValueError as error:
        raise InvalidValue("this is not a cursor of this list") from error
    if "\x00" in after[1]:
        raise InvalidValue("this is not a cursor of this list")
    return _moment(at, "cursor"), after[1]


async def _jsonl(entries: AsyncIterator[ActivityEntry], language: PreferredLanguage) -> AsyncIterator[bytes]:
    async for entry in entries:
        yield orjson.dumps(ActivityRead.of(entry, language).model_dump(mode="json")) + b"\n"


async def _csv(entries: AsyncIterator[ActivityEntry], language: PreferredLanguage) -> AsyncIterator[str]:
    text = io.StringIO()
    writer = csv.DictWriter(text, _FIELDS, extrasaction="ignore", lineterminator="\r\n")
    writer.writeheader()
    async for entry in entries:
        read = ActivityRead.of(entry, language).model_dump(mode="json")
        amount, fee = read["amount"] or {}, read["fee"] or {}
        writer.writerow(
            {
                **{name: harmless(read[name]) for name in read if name in _FIELDS},
                "amount": amount.get("text"),
                "symbol": harmless(amount.get("symbol")),
                "asset": amount.get("asset"),
                "units": amount.get("units"),
                "fee": fee.get("text"),
                "fee_symbol": harmless(fee.get("symbol")),
            }
        )
        yield text.getvalue()
        text.seek(0)
        text.truncate()
    yield text.getvalue()


def harmless(value: object) -> object:
    """Text that a spreadsheet would take for a formula begins with an apostrophe: names on chains are anybody's."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return "'" + value
    return value
