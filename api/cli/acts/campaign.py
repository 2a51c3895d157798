"""`quanbao campaign …`: act for an organisation first (`quanbao act-for`)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import orjson
import typer
from rich.console import Console
from rich.progress import Progress

from api.cli.acts.answers import AsJson, Key, ask, show
from api.cli.acts.long_acts import follow_act
from api.cli.acts.waiting import Wait
from api.cli.client import ApiClient
from codec.spreadsheet import text_of

app = typer.Typer(help="Campaigns of the organisation that you act for.", no_args_is_help=True)

_PART = 10_000
"""Holders in one request."""
_COLUMNS = ("id", "rules.title", "status", "counts.issued", "counts.redeemed", "counts.cost")

_FUNNEL = ("key", "issued", "claimed", "held", "redeemed", "settled", "reversed", "discount_minor", "sales_minor")


@app.command("list")
def list_campaigns(as_json: AsJson = False) -> None:
    """Its campaigns with what the chains count."""
    show(ask(lambda api: api.get("/campaigns")), _COLUMNS, as_json=as_json)


@app.command("show")
def show_campaign(campaign: str, as_json: AsJson = False) -> None:
    """One campaign."""
    show(ask(lambda api: api.get(f"/campaigns/{campaign}")), as_json=as_json)


@app.command()
def draft(
    terms: Annotated[Path, typer.Argument(help="A JSON file with the body of POST /campaigns.")],
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Fix a campaign's rules for ever; nothing happens on chain yet."""
    body = orjson.loads(terms.read_bytes())
    show(ask(lambda api: api.post("/campaigns", body, key=key or uuid4().hex)), as_json=as_json)


@app.command()
def launch(campaign: str, wait: Wait = False, as_json: AsJson = False) -> None:
    """Create it on its chains and fund it from the treasury; asking again goes on where it stopped."""
    answer = ask(lambda api: api.post(f"/campaigns/{campaign}/launch", {}))
    if wait:
        answer = follow_act("launch-campaign", {"campaign_id": campaign}, answer)
    show(answer, as_json=as_json)


@app.command()
def issue(
    campaign: str,
    holders: Annotated[list[str], typer.Argument(help="Accounts (CAIP-10), all on one chain.")],
    key: Key = None,
    wait: Wait = False,
    as_json: AsJson = False,
) -> None:
    """Issue one voucher to each holder, at no cost to them."""
    body = {"holders": holders}
    answer = ask(lambda api: api.post(f"/campaigns/{campaign}/issue", body, key=key or uuid4().hex))
    if wait:
        answer = follow_act("issue-vouchers", {"campaign_id": campaign}, answer)
    show(answer, as_json=as_json)


@app.command()
def templates(as_json: AsJson = False) -> None:
    """Campaigns to begin with."""
    show(ask(lambda api: api.get("/campaigns/templates")), ("id", "name", "about"), as_json=as_json)


@app.command()
def preview(
    terms: Annotated[Path, typer.Argument(help="A JSON file with the body of POST /campaigns.")],
    as_json: AsJson = False,
) -> None:
    """What a draft would fix, in plain words; nothing is stored."""
    body = orjson.loads(terms.read_bytes())
    show(ask(lambda api: api.post("/campaigns/preview", body)), as_json=as_json)


@app.command("issue-csv")
def issue_csv(
    campaign: str,
    file: Annotated[Path, typer.Argument(help="A CSV file: account (CAIP-10), and a count if it is not 1.")],
    key: Key = None,
    wait: Wait = False,
    as_json: AsJson = False,
) -> None:
    """Issue to the accounts of a file; a bad row stops all of it and is told with its number."""
    body = {"csv": text_of(file.read_bytes())}
    answer = ask(lambda api: api.post(f"/campaigns/{campaign}/issue-csv", body, key=key or uuid4().hex))
    if wait:
        answer = follow_act("issue-from-file", {"campaign_id": campaign}, answer)
    show(answer, as_json=as_json)


@app.command()
def watch(campaign: str, as_json: AsJson = False) -> None:
    """The funnel: claimed, waiting, issued, redeemed; what was done, and who has accepted."""
    show(ask(lambda api: api.get(f"/campaigns/{campaign}/watch")), as_json=as_json)


@app.command()
def powers(campaign: str, as_json: AsJson = False) -> None:
    """What issuer and platform can still do, as the chains say."""
    show(ask(lambda api: api.get(f"/campaigns/{campaign}/powers")), ("chain", "code", "text"), as_json=as_json)


@app.command()
def fund(campaign: str, chain: str, base_units: str, key: Key = None, as_json: AsJson = False) -> None:
    """Pay more into a chain's escrow from the treasury."""
    body = {"chain": chain, "base_units": base_units}
    show(ask(lambda api: api.post(f"/campaigns/{campaign}/fund", body, key=key or uuid4().hex)), as_json=as_json)


@app.command()
def reclaim(campaign: str, chain: str, key: Key = None, as_json: AsJson = False) -> None:
    """What is left in a chain's escrow back to the treasury, once window and refund window are over."""
    body = {"chain": chain}
    show(ask(lambda api: api.post(f"/campaigns/{campaign}/reclaim", body, key=key or uuid4().hex)), as_json=as_json)


@app.command()
def pause(campaign: str, key: Key = None, as_json: AsJson = False) -> None:
    """Stop issuing and claiming; where the terms declare the power, redeeming too."""
    show(ask(lambda api: api.post(f"/campaigns/{campaign}/pause", key=key or uuid4().hex)), as_json=as_json)


@app.command()
def resume(campaign: str, key: Key = None, as_json: AsJson = False) -> None:
    """End a pause."""
    show(ask(lambda api: api.post(f"/campaigns/{campaign}/resume", key=key or uuid4().hex)), as_json=as_json)


@app.command()
def end(campaign: str, as_json: AsJson = False) -> None:
    """Give out nothing any more, for ever; what holders have stays good."""
    show(ask(lambda api: api.post(f"/campaigns/{campaign}/end")), as_json=as_json)


@app.command("claim-links")
def claim_links(
    campaign: str,
    count: Annotated[int, typer.Option(help="How many links.")] = 1,
    uses: Annotated[int, typer.Option(help="How often each works; 0: while stocks last.")] = 1,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Make claim links. Their codes are shown now and never again: put them into URLs, QR codes or on cards."""
    body = {"count": count, "uses": uses or None}
    answer = ask(lambda api: api.post(f"/campaigns/{campaign}/claim-links", body, key=key or uuid4().hex))
    show(answer, ("id", "code", "uses"), as_json=as_json)


@app.command()
def trigger(
    campaign: str,
    kind: Annotated[
        str, typer.Argument(help="welcome, first_payment, loyalty, spend, date, visit, referral, cashback")
    ],
    rule: Annotated[str, typer.Option(help="Its rule as JSON, such as '{\"every\": 5}'.")] = "{}",
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Let something earn vouchers from now on."""
    body = {"kind": kind, "rule": orjson.loads(rule)}
    show(ask(lambda api: api.post(f"/campaigns/{campaign}/triggers", body, key=key or uuid4().hex)), as_json=as_json)


@app.command()
def drop(
    campaign: str,
    chain: str,
    file: Annotated[Path, typer.Argument(help="One account (CAIP-10) a line, in the order of the leaves.")],
    number: Annotated[int, typer.Option(help="The drop's number.")] = 0,
    wait: Wait = False,
    as_json: AsJson = False,
) -> None:
    """Promise a voucher to every account of a file by one Merkle root; running it again goes on where it stopped."""
    holders = text_of(file.read_bytes()).split()
    path = f"/campaigns/{campaign}/drops/{chain}/{number}"

    async def whole(api: ApiClient) -> Any:
        await api.post(f"/campaigns/{campaign}/drops", {"chain": chain, "number": number})
        with Progress(console=Console(stderr=True), transient=True) as progress:
            for first in progress.track(range(0, len(holders), _PART), description="holders"):
                await api.post(f"{path}/holders", {"first": first, "holders": holders[first : first + _PART]})
        return await api.post(f"{path}/commit")

    answer = ask(whole)
    if wait:
        answer = follow_act("commit-drop", {"campaign_id": campaign, "chain": chain, "number": number}, answer)
    show(answer, as_json=as_json)


@app.command()
def analytics(
    campaign: str,
    by: Annotated[str, typer.Option(help="day, store, segment or chain.")] = "day",
    zone: Annotated[str, typer.Option(help="IANA zone of the days.")] = "UTC",
    as_json: AsJson = False,
) -> None:
    """What a campaign did: funnel, cost, uplift, repeat customers, stock, liability; `--json` has every table."""
    found = ask(lambda api: api.get(f"/campaigns/{campaign}/analytics", by=by, zone=zone))
    if as_json:
        show(found, as_json=True)
        return
    rows = [*found["rows"], {**found["total"], "key": "all"}]
    show({"items": rows}, _FUNNEL, as_json=False)
    show({**found["cost"], **found["uplift"], **found["repeat"]}, as_json=False)


@app.command()
def invitations(as_json: AsJson = False) -> None:
    """Campaigns of other organisations that name yours."""
    columns = ("campaign", "title", "by", "your_part.share_bp", "your_part.answer")
    show(ask(lambda api: api.get("/campaigns/invitations")), columns, as_json=as_json)


@app.command()
def answer(
    campaign: str,
    accept: Annotated[bool, typer.Option("--accept/--refuse", help="Your organisation's word; it stands.")],
    as_json: AsJson = False,
) -> None:
    """Accept or refuse one campaign that names your organisation."""
    show(ask(lambda api: api.post(f"/campaigns/{campaign}/answer", {"accept": accept})), as_json=as_json)
