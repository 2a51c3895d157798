"""Redemptions priced again from the documents that holder, merchant and campaign committed to."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from audit.access import AUDITOR, Viewer, VoucherAccess
from audit.replay.pricing import differences, price_again
from audit.replay.service import Replay, ReplayFault, ReplayService
from codec.canonical_json import decode_canonical
from persistence.database import Database
from primitives.errors import VoucherNotFound
from primitives.voucher_id import CampaignId
from tests.integration.vouchers.stage import Stage
from vouchers.campaigns.model import Campaign
from vouchers.campaigns.sql import campaigns_by_id
from vouchers.rules import Effect, VoucherKind


class Accounts:
    async def list(self, tenant_id: object) -> list[object]:
        return []


async def redeemed(database: Database, **terms: object) -> tuple[Stage, Campaign, ReplayService, bytes]:
    stage = Stage(database)
    campaign = await stage.campaign(**terms)
    person, account = stage.holder()
    await stage.issue(campaign, account)
    quote = await stage.quoter.quote(person, (await stage.order(6_000, 4_500)).id)
    assert quote.price.used
    await stage.pay(person, quote)
    await stage.work()
    stage.chain.mine(3)
    await stage.scan()
    async with database.transaction() as tx:
        redemption = (
            await tx.execute(text("SELECT redemption_id FROM ledger_entry WHERE kind = 'redeemed'"))
        ).scalar_one()
    service = ReplayService(database, VoucherAccess(database, Accounts()))  # type: ignore[arg-type]
    return stage, campaign, service, bytes(redemption)


def faults(replay: Replay) -> list[ReplayFault]:
    return [one.fault for one in replay.findings]


class TestReplay:
    @pytest.mark.parametrize(
        ("kind", "effect", "discount"),
        [
            (VoucherKind.THRESHOLD, Effect(min_spend=10_000, amount_off=2_000), 2_000),
            (VoucherKind.PERCENT, Effect(percent_bp=1_250, max_off=5_000), 1_313),
        ],
    )
    async def test_an_honest_redemption_agrees(
        self, database: Database, kind: VoucherKind, effect: Effect, discount: int
    ) -> None:
        _, campaign, service, redemption = await redeemed(database, kind=kind, effect=effect)
        replay = await service.of_redemption(redemption, AUDITOR)
        assert (replay.findings, replay.discount_minor, replay.remainder_minor) == ((), discount, 10_500 - discount)
        assert [one.redemption_id async for one in service.of_campaign(campaign.id)] == [redemption]

    async def test_a_stranger_learns_nothing(self, database: Database) -> None:
        _, _, service, redemption = await redeemed(database)
        for wanted, viewer in ((redemption, Viewer(frozenset())), (bytes(32), AUDITOR)):
            with pytest.raises(VoucherNotFound):
                await service.of_redemption(wanted, viewer)

    async def test_one_changed_byte_of_a_document_is_found(self, database: Database) -> None:
        """In the order and in the rules: the hashes tell, whatever the byte."""
        _, _, service, redemption = await redeemed(database)
        for schema, fault in (
            ("quanbao.order.v1", ReplayFault.ORDER_DOCUMENT_EDITED),
            ("quanbao.rules.v1", ReplayFault.RULE_DOCUMENT_EDITED),
        ):
            flip = "set_byte(body, 40, get_byte(body, 40) # 1)"
            change = text(f"UPDATE document SET body = {flip} WHERE schema = :schema")
            for expected in ([fault], []):
                async with database.transaction() as tx:
                    await tx.execute(change, {"schema": schema})
                assert faults(await service.of_redemption(redemption, AUDITOR)) == expected

    async def test_what_the_chain_did_otherwise_is_found(self, database: Database) -> None:
        _, _, service, redemption = await redeemed(database)
        edited = """jsonb_set(fact, '{amount_minor}', '"2001"')"""
        async with database.transaction() as tx:
            await tx.execute(text(f"UPDATE ledger_entry SET fact = {edited} WHERE kind = 'redeemed'"))
        replay = await service.of_redemption(redemption, AUDITOR)
        (finding,) = replay.findings
        assert (finding.fault, finding.expected, finding.found) == (ReplayFault.CHAIN_DIFFERS, "2000", "2001")

    async def test_a_price_that_the_rules_do_not_give_is_found(self, database: Database) -> None:
        """Documents that fit their hashes and lie all the same: another order under the hash that was signed."""
        await redeemed(database)
        async with database.transaction() as tx:
            row = (await tx.execute(text("SELECT hash, body FROM document WHERE schema = 'quanbao.order.v1'"))).one()
            body = bytes(row.body).replace(b'"discount_minor":2000', b'"discount_minor":2500')
            body = body.replace(b'"remainder_minor":8500', b'"remainder_minor":8000')
        document = decode_canonical(body)
        async with database.transaction() as tx:
            ids = [CampaignId.parse(one["voucher"][:48]) for one in document["vouchers"]]
            terms = {one.id: one.rules for one in (await campaigns_by_id(tx, ids)).values()}
        found = differences(document, price_again(document, terms))
        assert {name for name, _, _ in found} == {"discount_minor", "remainder_minor"}
