"""A campaign that is paused on the real local chain: its vouchers work for as much longer, and not a second more."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from audit.access import Viewer
from persistence.database import Database
from tests.integration.vouchers.ending import DISCOUNT, Ending, KeystoreClock
from tests.integration.vouchers.test_both_chains import charged, network, shop, until

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("campaign_ends"), pytest.mark.timeout(300)]
__all__ = ["network", "shop"]

PAUSED = 1_800
BEFORE = 600
"""Seconds before the terms' end at which the pause begins."""


@pytest.fixture(autouse=True)
def keystore_clock(monkeypatch):
    monkeypatch.setattr("keystore.service.SystemClock", KeystoreClock)
    monkeypatch.setattr(KeystoreClock, "ahead", timedelta(0))


async def switched(ending: Ending, name: str, act: str) -> int:
    """The block time of the last pause, or its end, once the ledger has it."""
    await ending.ask("POST", f"/campaigns/{name}/{act}")
    (done,) = await ending.acts(name, act)
    assert done["status"] == "done", done
    kind = {"pause": "paused", "resume": "resumed"}[act]
    found = await until(lambda: facts(ending.shop.app.services.database, name, kind), lambda times: times != [])
    return int(found[-1])


async def facts(database: Database, name: str, kind: str) -> list[int]:
    async with database.transaction() as tx:
        rows = await tx.exec_driver_sql(
            "SELECT block_time FROM ledger_entry WHERE campaign_id = $1 AND kind = $2 ORDER BY height", (name, kind)
        )
        return list(rows.scalars())


@pytest.mark.parametrize("shop", ["eip155"], indirect=True)
async def test_a_pause_gives_back_at_the_till_what_it_took(shop, network):
    ending = Ending(shop, network)
    campaign = await ending.launched(powers={"declared": ["pause"], "max_pause_seconds": 7_200})
    name, ends = campaign["id"], campaign["ends"]
    holder, _, vouchers = await ending.holding(name, 2)

    async def quoted():
        return await shop.ask("POST", f"/orders/{await charged(shop)}/quote", holder, {})

    await ending.travel(ends - BEFORE)
    begun = await switched(ending, name, "pause")
    aside = await quoted()
    assert (aside["used"], {one["reason"] for one in aside["unused"]}) == ([], {"paused"})
    shown = await shop.ask("GET", f"/vouchers/{vouchers[0]}", holder)
    assert shown["paused"]
    await ending.travel(begun + PAUSED)
    resumed = await switched(ending, name, "resume")
    moved = ends + resumed - begun
    shown = await shop.ask("GET", f"/vouchers/{vouchers[0]}", holder)
    assert (datetime.fromisoformat(shown["valid_until"]).timestamp(), shown["paused"]) == (moved, False)

    assert await ending.now() > ends, "the terms' own end is over"
    # The keystore has locked itself in the ten days that went by.
    await shop.ask("POST", "/auth/unlock", holder, {"passphrase": "correct horse battery staple"})
    order = await ending.sold(holder)
    receipt = await shop.ask("GET", f"/orders/{order}/receipt", holder)
    document = receipt["document"]
    assert document["now"] >= ends
    assert [one["paused_seconds"] for one in document["vouchers"]] == [resumed - begun]
    (used,) = receipt["payment"]["redemptions"]
    everything = Viewer(frozenset(), sees_all=True)
    replay = await shop.app.services.auditing.replay.of_redemption(bytes.fromhex(used["id"]), everything)
    assert replay.agrees, replay.findings
    await ending.books(name, 2 * DISCOUNT)

    await ending.travel(moved)
    late = await quoted()
    assert (late["used"], {one["reason"] for one in late["unused"]}) == ([], {"expired"})
    (lane,) = (await ending.ask("GET", f"/settlements/liability/{name}"))["items"]
    assert (lane["outstanding"], lane["breakage"]) == (0, 1)
