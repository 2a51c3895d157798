"""A voucher that may not move is refused at once, with the reason, on the real local chains."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from tests.integration.vouchers.test_both_chains import issued, network, shop, until
from tests.integration.vouchers.test_refunds_on_chains import launched

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("refunds_on_chains"), pytest.mark.timeout(300)]
__all__ = ["network", "shop"]


@pytest.mark.parametrize("shop", ["solana"], indirect=True)
async def test_what_the_redemption_authority_does_not_sign_is_a_conflict_and_no_transfer(shop):
    """Two transfers of one voucher at once: its serial is bound to the first that is co-signed."""
    await shop.give(str(shop.treasury), "tCNY", 100_000_000)
    campaign = await launched(shop)
    holder, account = await shop.holder("li")
    friends = [await shop.holder(name) for name in ("wang", "zhao")]
    (voucher,) = await issued(shop, campaign, account)
    await until(lambda: shop.ask("GET", "/vouchers", holder), lambda page: len(page["items"]) == 1)
    keys = [uuid4().hex for _ in friends]

    async def send(key, recipient):
        answer = await shop.http.post(
            f"/api/v1/vouchers/{voucher}/transfer",
            headers={**holder, "Idempotency-Key": key},
            json={"recipient": recipient},
        )
        return answer.status_code, answer.json()

    wanted = [(key, recipient) for key, (_, recipient) in zip(keys, friends, strict=True)]
    answers = await asyncio.gather(*(send(*one) for one in wanted))
    assert sorted(status for status, _ in answers) == [202, 409], answers
    lost = next(place for place, (status, _) in enumerate(answers) if status == 409)
    refusal = answers[lost][1]
    assert (refusal["code"], refusal["policy"]) == ("transfer_forbidden", "free")
    assert refusal["rule"]
    status, again = await send(*wanted[lost])
    assert (status, again["code"]) == (409, "transfer_forbidden"), "the same key is the same answer"
    received = await until(lambda: shop.ask("GET", "/vouchers", friends[1 - lost][0]), lambda page: page["items"])
    assert [one["id"] for one in received["items"]] == [voucher]
