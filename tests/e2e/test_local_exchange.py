"""A swap on the local testnet, as somebody tries it who has just started everything."""

from __future__ import annotations

import pytest

from tests.e2e.running import Payer, good, own_installation, until

pytestmark = [pytest.mark.soak, pytest.mark.timeout(400), pytest.mark.xdist_group("local_exchange")]


def test_the_test_monies_are_swapped_over_the_coin_and_the_pools_survive_a_kill() -> None:
    with own_installation() as up:
        up.start("--exchange")
        payer = Payer(up, "eip155")
        dollars = next(asset for asset in payer.chain["assets"] if asset["symbol"] == "tUSD")
        wish = {"account": payer.account, "sell": payer.token["asset"], "buy": dollars["asset"], "value": "2"}
        first = good(payer.person.post("/swaps/preview", wish))
        sold, bought = payer.held(payer.token), payer.held(dollars)
        swap = good(payer.person.post("/swaps", wish))
        ended = until(
            "the swap's end",
            lambda: good(payer.person.get(f"/swaps/{swap['id']}")),
            lambda now: now["status"] in ("done", "failed") and now["ended_at"] is not None,
        )
        assert ended["status"] == "done"
        assert payer.held(payer.token) == sold - 2_000_000
        received = payer.held(dollars) - bought
        # Two pools of one price: what comes out is what went in but for both pools' fees of 0.3 % and the little that
        # so small a swap moves them.
        assert 1_987_000 < received < 1_994_018
        assert received >= int(first["terms"]["least"]["base_units"])

        up.kill()
        up.start()
        payer.person.unlock()
        again = good(payer.person.post("/swaps/preview", wish))
        assert 0 < int(again["terms"]["expected"]["base_units"]) < int(first["terms"]["expected"]["base_units"])
