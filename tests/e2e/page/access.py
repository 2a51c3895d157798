"""What axe-core says of a page, and the pages that links lead to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from playwright.sync_api import Page, expect

from tests.e2e.page.browser import Seat
from tests.e2e.running import ROOT

_RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
_GRAVE = {"serious", "critical"}
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{24,}|[1-9A-HJ-NP-Za-km-z]{32,}")


def grave_violations(page: Page) -> list[str]:
    """Serious and critical violations of WCAG 2.2 A and AA, with the elements.

    Asked for again when there are some: colours that change with the scheme may not have been painted yet.
    """
    return _violations(page) and _violations(page)


def _violations(page: Page) -> list[str]:
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done())))")
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate((ROOT / "node_modules/axe-core/axe.min.js").read_text())
    found: list[dict[str, Any]] = page.evaluate(
        "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']}).then(told => told.violations)",
        list(_RULES),
    )
    return [
        f"{one['id']} ({one['impact']}): {', '.join(_told(node) for node in one['nodes'][:4])}"
        for one in found
        if one["impact"] in _GRAVE
    ]


def _told(node: dict[str, Any]) -> str:
    data = next((check["data"] for check in node["any"] if check.get("data")), None) or {}
    colours = {name: data[name] for name in ("fgColor", "bgColor", "contrastRatio") if name in data}
    return f"{node['target']} {colours or ''}".rstrip()


def pages_from(
    seat: Seat, start: str, wanted: Callable[[str], bool] = lambda path: True, *, most: int = 40
) -> Iterator[str]:
    """Every page of the site that links lead to from `start`, each open when it is yielded; one for each kind of id.

    Args:
        wanted: Says of a path whether it is one of these pages.
    """
    ahead, seen = [start], {_kind(start)}
    while ahead and most:
        path = ahead.pop(0)
        most -= 1
        seat.open(path)
        expect(seat.page.get_by_role("main").first).to_be_visible()
        expect(seat.page.locator(".loading")).to_have_count(0)
        yield path
        links: list[str] = seat.page.eval_on_selector_all(
            "a[href^='/']:not([download]):not([target])", "links => links.map(link => link.getAttribute('href'))"
        )
        for link in links:
            if not link.startswith("/api/") and wanted(link) and _kind(link) not in seen:
                seen.add(_kind(link))
                ahead.append(link)


def _kind(path: str) -> str:
    return _ID.sub("*", path.partition("?")[0].partition("#")[0])
