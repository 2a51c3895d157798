"""Redemptions priced again from the documents that holder, merchant and campaign committed to."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from audit.access import AUDITOR, Viewer, VoucherAccess
from audit.replay.pricing import differences, price_again
from audit.replay.service import Replay, ReplayFault, ReplayService
from codec.canonical_json import decode_canonical
from codec.order_document import decode_order_document
from codec.rule_document import decode_rule_document
from persistence.database import Database
from primitives.errors import VoucherNotFound
from primitives.hashing import keccak256
from primitives.voucher_id import CampaignId
from tests.integration.vouchers.stage import Stage
from tests.integration.vouchers.test_kinds_in_orders import TERMS, gift_campaign, stock
from vouchers.campaigns.model import Campaign
from vouchers.campaigns.sql import campaigns_by_id
from vouchers.documents.sql import document_body
from vouchers.points.service import PointsService
from vouchers.rules import Effect, RuleDocument, Stacking, VoucherKind


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


async def replayed(stage: Stage) -> tuple[ReplayService, list[bytes]]:
    """The service, and every redemption in the order of the chain."""
    stage.chain.mine(3)
    await stage.scan()
    async with stage.database.transaction() as tx:
        rows = await tx.execute(
            text("SELECT redemption_id FROM ledger_entry WHERE kind IN ('redeemed', 'spent') ORDER BY height")
        )
        found = [bytes(row.redemption_id) for row in rows]
    return ReplayService(stage.database, VoucherAccess(stage.database, Accounts())), found  # type: ignore[arg-type]


async def a_gift(stage: Stage) -> int:
    """A cup of 20.00 to an order of 90.00. Answers how many redemptions that was."""
    await stock(stage, 3)
    person, account = stage.holder()
    await stage.issue(await gift_campaign(stage), account)
    await stage.pay(person, await stage.quoter.quote(person, (await stage.order(9_000)).id))
    await stage.work()
    return 1


async def stored_value(stage: Stage) -> int:
    """100.00 on a card: 60.00, and then the 40.00 that are left, of 70.00."""
    person, account = stage.holder()
    await stage.issue(await stage.campaign(kind=VoucherKind.STORED_VALUE, effect=Effect(balance=10_000)), account)
    for total in (6_000, 7_000):
        await stage.pay(person, await stage.quoter.quote(person, (await stage.order(total)).id))
        await stage.work()
        await stage.scan()
    return 2


async def points_beside_a_voucher(stage: Stage) -> int:
    """200 points from an order of 200.50, spent beside a voucher."""
    await PointsService(stage.database).open(stage.merchant, TERMS, created_by=stage.merchant, idempotency_key="p")
    person, account = stage.holder(10**12)
    await stage.pay(person, await stage.quoter.quote(person, (await stage.order(20_050)).id))
    await stage.work()
    beside = Stacking("joint", frozenset())
    await stage.issue(await stage.campaign(stacking=beside), account)
    await stage.pay(person, await stage.quoter.quote(person, (await stage.order(6_000, 4_500)).id))
    await stage.work()
    return 1


CASES: list[tuple[Callable[[Stage], Any], list[tuple[int, int]], dict[str, Any]]] = [
    (a_gift, [(2_000, 9_000)], {"vouchers.0.amount_minor": 1_999, "stock.cup": 2, "total_minor": 9_000}),
    (
        stored_value,
        [(0, 0), (0, 3_000)],
        {"tender_minor": 5_999, "vouchers.0.amount_minor": 1, "vouchers.0.per_line.0": 1},
    ),
    (
        points_beside_a_voucher,
        [(2_000, 6_500)],
        {"points.0.points": 1, "points.0.amount_minor": 10, "points.0.per_line.0": 0, "discount_minor": 4_000},
    ),
]


class TestTheOtherKinds:
    @pytest.mark.parametrize(("story", "prices", "lies"), CASES, ids=[case[0].__name__ for case in CASES])
    async def test_agrees_and_every_lie_is_found(
        self, database: Database, story: Callable[[Stage], Any], prices: list[tuple[int, int]], lies: dict[str, Any]
    ) -> None:
        """Honest documents agree; one byte of any of them tells, and so does a figure under the right hash."""
        stage = Stage(database)
        count = await story(stage)
        service, redemptions = await replayed(stage)
        assert len(redemptions) == count
        replays = [await service.of_redemption(one, AUDITOR) for one in redemptions]
        assert [(one.findings, one.discount_minor, one.remainder_minor) for one in replays] == [
            ((), *price) for price in prices
        ]
        first = replays[0]
        async with database.transaction() as tx:
            document = decode_order_document(await document_body(tx, first.order_hash))
        rules = {bytes.fromhex(one["rules_hash"]) for one in (*document["vouchers"], *document.get("points", ()))}
        assert len(rules) == (2 if story is points_beside_a_voucher else 1)
        for digest in (first.order_hash, *rules):
            expected = (
                ReplayFault.ORDER_DOCUMENT_EDITED if digest == first.order_hash else ReplayFault.RULE_DOCUMENT_EDITED
            )
            await one_byte_tells(database, service, redemptions[0], digest, expected)

        terms = await terms_of(database, document)
        assert differences(document, price_again(document, terms)) == []
        for path, lie in lies.items():
            lying = with_lie(document, path, lie)
            assert differences(lying, price_again(lying, terms)), path

    @pytest.mark.parametrize("amount", ["5999", "6001"])
    async def test_a_part_that_the_chain_spent_otherwise_is_found(self, database: Database, amount: str) -> None:
        stage = Stage(database)
        await stored_value(stage)
        service, redemptions = await replayed(stage)
        async with database.transaction() as tx:
            edited = f"""jsonb_set(fact, '{{amount_minor}}', '"{amount}"')"""
            done = await tx.execute(text(f"UPDATE ledger_entry SET fact = {edited} WHERE kind = 'spent'"))
        assert done.rowcount == 1  # type: ignore[attr-defined]
        assert [faults(await service.of_redemption(one, AUDITOR)) for one in redemptions] == [
            [ReplayFault.CHAIN_DIFFERS],
            [],
        ]


async def one_byte_tells(
    database: Database, service: ReplayService, redemption: bytes, digest: bytes, expected: ReplayFault
) -> None:
    """The first, the middle and the last byte of a kept document; put back, it agrees again."""
    async with database.transaction() as tx:
        body = await document_body(tx, digest)
    assert keccak256(body) == digest
    change = text("UPDATE document SET body = :body WHERE hash = :hash")
    for place in (0, len(body) // 2, len(body) - 1):
        edited = body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]
        for kept, found in ((edited, [expected]), (body, [])):
            async with database.transaction() as tx:
                await tx.execute(change, {"body": kept, "hash": digest})
            assert faults(await service.of_redemption(redemption, AUDITOR)) == found, (expected, place)


async def terms_of(database: Database, document: dict[str, Any]) -> dict[CampaignId, RuleDocument]:
    wanted = {CampaignId.parse(one["voucher"][:48]): one["rules_hash"] for one in document["vouchers"]}
    wanted |= {CampaignId.parse(one["programme"]): one["rules_hash"] for one in document.get("points", ())}
    async with database.transaction() as tx:
        return {
            campaign: RuleDocument.from_document(decode_rule_document(await document_body(tx, bytes.fromhex(digest))))
            for campaign, digest in wanted.items()
        }


def with_lie(document: dict[str, Any], path: str, lie: Any) -> dict[str, Any]:
    """A copy with another value at the path, which must be there."""
    made = copy.deepcopy(document)
    *above, last = path.split(".")
    place: Any = made
    for name in above:
        place = place[int(name) if isinstance(place, list) else name]
    key: Any = int(last) if isinstance(place, list) else last
    assert place[key] != lie, path
    place[key] = lie
    return made
