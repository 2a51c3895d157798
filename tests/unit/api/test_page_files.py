"""What the page's worker may do: its own policy decides, and without fetching it would keep nothing for later."""

from __future__ import annotations

from pathlib import Path

import httpx

from api.page import Page


async def test_the_worker_may_fetch_the_pages_files_and_nothing_else(tmp_path: Path) -> None:
    for name in ("index.html", "worker.js", "other.js"):
        (tmp_path / name).write_text("")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(Page(tmp_path)), base_url="http://page") as client:
        policy = (await client.get("/worker.js")).headers["content-security-policy"].split("; ")
        assert "content-security-policy" not in (await client.get("/other.js")).headers, "the edge gives it"
    assert {"default-src 'none'", "connect-src 'self'"} <= set(policy)
    assert not [rule for rule in policy if "*" in rule or "http" in rule]
