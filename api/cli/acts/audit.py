"""`quanbao audit …`"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

from api.cli.acts.answers import AsJson, ask, show
from api.cli.acts.waiting import save

app = typer.Typer(help="For auditors.", no_args_is_help=True)

Target = Annotated[Path, typer.Argument(help="A file that does not exist yet.")]
_FINDINGS = ("fault", "subject", "expected", "found")


class Shape(StrEnum):
    JSON = "json"
    CSV = "csv"
    HTML = "html"
    SVG = "svg"


class Kind(StrEnum):
    VOUCHER = "voucher"
    HOLDER = "holder"
    MERCHANT = "merchant"
    CAMPAIGN = "campaign"


@app.command()
def search(text: str, as_json: AsJson = False) -> None:
    """Everything that an id, hash, transaction or account may name."""
    show(ask(lambda api: api.get("/audit/search", q=text)), ("kind", "id", "because", "chain"), as_json=as_json)


@app.command()
def proof(voucher: str, file: Target) -> None:
    """Write a voucher's proof bundle; `quanbao verify` checks it anywhere."""
    _save(f"/vouchers/{quote(voucher)}/proof", file)


@app.command()
def reconcile(
    campaign: str,
    chain: Annotated[str | None, typer.Option(help="CAIP-2; without it every lane.")] = None,
    height: Annotated[int | None, typer.Option(help="Of that chain; without it now.")] = None,
    deep: Annotated[bool, typer.Option(help="Compare event by event as well.")] = False,
    as_json: AsJson = False,
) -> None:
    """Compare chain, ledger, rows and books of a campaign; exit code 1 if they diverge."""
    query = _given(chain=chain, height=height, deep="true" if deep else None)
    answer = ask(lambda api: api.get(f"/audit/campaigns/{quote(campaign)}/reconciliation", **query))
    if as_json:
        show(answer, as_json=True)
    for lane in () if as_json else answer["items"]:
        typer.echo(f"{lane['chain']} at {lane['height']}: {'agrees' if lane['agrees'] else 'DIVERGES'}")
        for side, figures in lane["figures"].items():
            typer.echo(f"  {side:7} " + ("–" if figures is None else _line(figures)))
        show({"items": lane["findings"]}, _FINDINGS, as_json=False)
    if not all(lane["agrees"] for lane in answer["items"]):
        raise typer.Exit(1)


@app.command()
def divergences(
    cleared: Annotated[bool, typer.Option(help="Those that are over, too.")] = False, as_json: AsJson = False
) -> None:
    """What the continuous reconciliation found."""
    query = _given(cleared="true" if cleared else None)
    columns = ("found_at", "campaign", "chain", *_FINDINGS, "cleared_at")
    show(ask(lambda api: api.get("/audit/divergences", **query)), columns, as_json=as_json)


@app.command()
def replay(redemption: str, as_json: AsJson = False) -> None:
    """Compute a redemption's price again; exit code 1 if it is another."""
    answer = ask(lambda api: api.get(f"/audit/replay/{quote(redemption)}"))
    show(answer, as_json=as_json)
    if not answer["agrees"]:
        raise typer.Exit(1)


@app.command()
def provenance(
    kind: Kind,
    subject: str,
    file: Annotated[Path | None, typer.Option("--out", help="A file that does not exist yet.")] = None,
    shape: Annotated[Shape, typer.Option(help="What to write into the file.")] = Shape.HTML,
    height: Annotated[int | None, typer.Option(help="Only up to this block.")] = None,
    as_json: AsJson = False,
) -> None:
    """The chain of custody of a voucher, a holder, a merchant or a campaign."""
    path = f"/audit/provenance/{kind.value}/{quote(subject, safe='')}"
    query = _given(height=height)
    if file is not None:
        _save(path, file, shape=shape.value, **query)
        return
    answer = ask(lambda api: api.get(path, **query))
    columns = ("place.block_time", "place.chain", "place.height", "place.finality", "act", "voucher")
    show(answer if as_json else {"items": answer["acts"]}, columns, as_json=as_json)


@app.command()
def export(
    kind: Annotated[str, typer.Argument(help="facts or vouchers")],
    file: Target,
    form: Annotated[str, typer.Option("--format", help="csv or jsonl")] = "csv",
    campaign: Annotated[str | None, typer.Option()] = None,
    chain: Annotated[str | None, typer.Option(help="CAIP-2")] = None,
) -> None:
    """Write a ZIP of rows with a signed manifest."""
    _save("/audit/export", file, kind=kind, format=form, **_given(campaign=campaign, chain=chain))


def _given(**values: Any) -> dict[str, str]:
    return {name: str(value) for name, value in values.items() if value is not None}


def _line(figures: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in figures.items() if value is not None)


def _save(path: str, file: Path, **query: str) -> None:
    size = ask(lambda api: save(api, f"/api/v1{path}", query, file))
    typer.echo(f"{size:,} bytes written to {file}")
