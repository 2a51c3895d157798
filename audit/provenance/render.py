"""A chain of custody for people: a table, a page to print, and a picture."""

from __future__ import annotations

import csv
import html
import io
from collections.abc import Sequence
from datetime import UTC, datetime

from audit.provenance.model import Act, Custody, CustodyAct
from primitives.base58 import encode_base58

COLUMNS = (
    *("time", "chain", "height", "block_hash", "transaction_index", "event_index", "transaction"),
    *("finality", "standing", "act", "campaign", "voucher", "details"),
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_WIDTH, _ROW, _TOP = 960, 74, 70


def row_of(act: CustodyAct) -> tuple[str, ...]:
    """One line of the table, in the order of `COLUMNS`."""
    place = act.place
    raw = place.position.block_hash
    return (
        _time(place.block_time),
        str(place.chain),
        str(place.position.height),
        "0x" + raw.hex() if place.chain.family == "eip155" else encode_base58(raw),
        str(place.position.transaction_index),
        str(place.position.event_index),
        place.tx_hash,
        "taken back" if place.finality is None else place.finality.name.lower(),
        "yes" if act.standing else "no",
        act.act.value,
        act.campaign or "",
        act.voucher or "",
        "; ".join(f"{name}={value}" for name, value in act.details.items()),
    )


def as_csv(custody: Custody) -> str:
    """RFC 4180; what a spreadsheet would take for a formula gets an apostrophe before it."""
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow(COLUMNS)
    writer.writerows([_plain(cell) for cell in row_of(act)] for act in custody.acts)
    return target.getvalue()


def as_html(custody: Custody) -> str:
    """One page to print, without scripts and without anything from elsewhere."""
    heading = html.escape(f"{custody.kind.value} {custody.subject}")
    head = "".join(f"<th scope=col>{html.escape(name)}</th>" for name in COLUMNS)
    rows = "".join(
        f"<tr{'' if act.standing else ' class=gone'}>"
        + "".join(f"<td>{html.escape(cell)}</td>" for cell in row_of(act))
        + "</tr>"
        for act in custody.acts
    )
    cut = "<p>There is more than is shown: ask for a shorter time.</p>" if custody.cut else ""
    style = (
        "body{font:12px/1.5 system-ui,sans-serif;margin:2rem;color:#111}table{border-collapse:collapse;width:100%}"
        "th,td{border-bottom:1px solid #ccc;padding:.3rem .5rem;text-align:left;vertical-align:top}"
        "td{word-break:break-all}"
        ".gone{color:#777;text-decoration:line-through}@media print{body{margin:0}thead{display:table-header-group}}"
    )
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{heading}</title><style>{style}</style>'
        f"</head><body><h1>{heading}</h1>{cut}<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
        f"{as_svg(custody)}</body></html>"
    )


def as_svg(custody: Custody, most: int = 200) -> str:
    """The acts as a line of nodes from the first to the newest, final ones filled."""
    acts = custody.acts[:most]
    height = _TOP + _ROW * max(1, len(acts))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" role="img" '
        f'font-family="system-ui,sans-serif" font-size="13">',
        f"<title>{html.escape(f'Chain of custody of {custody.kind.value} {custody.subject}')}</title>",
        f'<text x="20" y="30" font-size="15">{html.escape(_short(custody.subject, 90))}</text>',
    ]
    if len(acts) > 1:
        parts.append(f'<path d="M34 {_TOP} V{_TOP + _ROW * (len(acts) - 1)}" stroke="#888" fill="none"/>')
    for number, act in enumerate(acts):
        parts += _node(number, act)
    return "".join([*parts, "</svg>"])


def _node(number: int, act: CustodyAct) -> Sequence[str]:
    y = _TOP + _ROW * number
    final = act.place.finality is not None and act.place.finality.name == "FINALIZED"
    colour = "#b00020" if act.act is Act.DIVERGENCE or not act.standing else "#0b57d0"
    fill = colour if final else "#fff"
    parties = " → ".join(
        _short(act.details[name], 44)
        for name in ("sender", "holder", "recipient", "merchant", "funder")
        if name in act.details
    )
    place = act.place
    where = f"{place.chain} block {place.position.height} · {_time(place.block_time)} · {_short(place.tx_hash, 26)}"
    state = "taken back" if place.finality is None else place.finality.name.lower()
    return (
        f'<circle cx="34" cy="{y}" r="8" fill="{fill}" stroke="{colour}" stroke-width="2"/>',
        f'<text x="60" y="{y - 2}" font-weight="600">{html.escape(act.act.value)} · {state}</text>',
        f'<text x="60" y="{y + 16}">{html.escape(parties)}</text>',
        f'<text x="60" y="{y + 34}" fill="#555">{html.escape(where)}</text>',
    )


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most // 2]}…{text[-(most // 2 - 1) :]}"


def _time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


def _plain(cell: str) -> str:
    return "'" + cell if cell.startswith(_FORMULA) else cell
