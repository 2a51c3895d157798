"""Was anything paid or issued twice? Asked of the chains themselves, and then of the database, which must agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from api.cli.demo.nodes import connect_local
from api.cli.demo.story import CAP, DISCOUNT_MINOR, POCKET_MINOR, PRICE_MINOR
from chains.events import (
    CampaignFunded,
    CampaignLaunched,
    OrderPaid,
    RedemptionReversed,
    RedemptionUndone,
    VoucherIssued,
    VoucherRedeemed,
)
from chains.ports import VoucherBook
from chains.registry import ConfiguredChains
from chains.solana.adapter import SolanaAdapter
from chains.solana.voucher_book import SolanaVoucherBook
from persistence.database import Database
from primitives.account_id import AccountId
from primitives.asset import Asset
from primitives.chain_id import ChainId
from tests.e2e.crash.installation import Installation
from vouchers.campaigns.sql import campaigns_on

_NATIVE_GIFT = {"eip155": 10 * 10**18, "solana": 20 * 10**9}
ISSUED_PER_RUN = 2
REISSUED_PER_RUN = 1

_UNFINISHED_JOBS = """
SELECT kind, key, last_error FROM job
WHERE kind LIKE 'payment.%' OR kind LIKE 'refund.%'
   OR kind IN ('campaign.advance', 'issuance.advance', 'order.payment_ended')
"""
_BROKEN = {
    "a payment has not ended": """
        SELECT id, act, status FROM payment WHERE status NOT IN ('done', 'failed', 'cancelled')
    """,
    "a payment that is done has not exactly one final attempt": """
        SELECT payment.id, count(payment_attempt.id) FROM payment
        LEFT JOIN payment_attempt ON payment_attempt.payment_id = payment.id AND payment_attempt.status = 'final'
        WHERE payment.status = 'done' GROUP BY payment.id HAVING count(payment_attempt.id) <> 1
    """,
    "a payment without effect has an attempt that succeeded": """
        SELECT payment.id FROM payment JOIN payment_attempt ON payment_attempt.payment_id = payment.id
        WHERE payment.status IN ('failed', 'cancelled') AND payment_attempt.ok
    """,
    "a nonce was signed twice": """
        SELECT payment.chain, payment.sender, payment_attempt.nonce FROM payment_attempt
        JOIN payment ON payment.id = payment_attempt.payment_id WHERE payment_attempt.nonce IS NOT NULL
        GROUP BY 1, 2, 3 HAVING count(*) > 1
    """,
    "a service's payment failed": """
        SELECT id, act, failure FROM payment WHERE signs = 'service' AND status <> 'done'
    """,
    "an order is not paid": "SELECT id, status, failure FROM till_order WHERE status <> 'paid'",
    "a voucher was redeemed twice": """
        SELECT voucher_id FROM redemption WHERE status = 'final' GROUP BY voucher_id HAVING count(*) > 1
    """,
    "an order has two final attempts": """
        SELECT order_id FROM order_attempt WHERE status = 'final' GROUP BY order_id HAVING count(*) > 1
    """,
    "a refund is not done": "SELECT id, status FROM refund WHERE status <> 'done'",
    "an order was refunded twice": "SELECT order_id FROM refund GROUP BY order_id HAVING count(*) > 1",
    "an issuance has not ended well": "SELECT id, status, failure FROM issuance WHERE status <> 'done'",
    "a number was issued twice": """
        SELECT issuance.campaign_id, issuance.chain, issuance_item.number FROM issuance_item
        JOIN issuance ON issuance.id = issuance_item.issuance_id
        WHERE issuance_item.status = 'done' GROUP BY 1, 2, 3 HAVING count(*) > 1
    """,
    "a campaign's lane is not active": """
        SELECT campaign_id, chain, status, failure FROM campaign_lane WHERE status <> 'active'
    """,
}


async def unsettled(installation: Installation) -> Sequence[Any]:
    """Work that is still under way."""
    connection = await asyncpg.connect(installation.postgres_url())
    try:
        return [dict(row) for row in await connection.fetch(_UNFINISHED_JOBS)]
    finally:
        await connection.close()


async def require_once(installation: Installation, runs: int) -> None:
    """Nothing was paid or issued twice, and nothing was left out, in so many complete runs of the demo.

    Raises:
        AssertionError: What is otherwise than it must be.
    """
    connection = await asyncpg.connect(installation.postgres_url())
    try:
        async with connect_local(installation.localnet_status()["control_url"]) as chains, _opened(installation) as db:
            await _add_solana_book(chains, connection)
            for chain in chains.all():
                await _require_chain(chains, chain, db, connection, runs)
                await _require_receipts(chains, chain, connection)
        for what, query in _BROKEN.items():
            found = await connection.fetch(query)
            assert not found, f"{what}: {[dict(row) for row in found]}"
    finally:
        await connection.close()


@asynccontextmanager
async def _opened(installation: Installation) -> AsyncIterator[Database]:
    database = Database(installation.postgres_url(), pool_size=1)
    try:
        yield database
    finally:
        await database.close()


async def _accounts(connection: Any, chain: ChainId, purpose: str) -> list[AccountId]:
    rows = await connection.fetch(
        "SELECT address FROM wallet_account WHERE chain = $1 AND purpose = $2", str(chain), purpose
    )
    return [AccountId(chain, row["address"]) for row in rows]


async def _add_solana_book(chains: ConfiguredChains, connection: Any) -> None:
    for chain in chains.all():
        adapter = chains.adapter(chain)
        if isinstance(adapter, SolanaAdapter):
            (authority,) = await _accounts(connection, chain, "redemption_authority")
            (operator,) = await _accounts(connection, chain, "vault_operator")
            chains.add_book(SolanaVoucherBook(adapter, authority=authority, operator=operator))


async def _require_chain(
    chains: ConfiguredChains, chain: ChainId, database: Database, connection: Any, runs: int
) -> None:
    adapter, book = chains.adapter(chain), chains.book(chain)
    money = next(asset for asset in chains.known_assets(chain) if asset.symbol == "tCNY")
    scale = 10 ** (money.decimals - 2)
    (holder,), (treasury,), (issuer,) = [
        await _accounts(connection, chain, purpose) for purpose in ("holder", "treasury", "issuer")
    ]

    async def held(account: AccountId, asset: Asset) -> int:
        return (await adapter.balance(account, asset)).base_units

    found = {
        "merchant": await held(treasury, money),
        "holder": await held(holder, money),
        "issuer was given fees twice": await held(issuer, adapter.native) > _NATIVE_GIFT[chain.family],
    }
    wanted = {
        # Every run ends with the refund of what it paid.
        "merchant": 0,
        "holder": runs * POCKET_MINOR * scale,
        "issuer was given fees twice": False,
    }
    assert found == wanted, f"on {chain}"
    await _require_campaigns(chains, chain, book, database, connection, runs, scale)


async def _require_campaigns(
    chains: ConfiguredChains,
    chain: ChainId,
    book: VoucherBook,
    database: Database,
    connection: Any,
    runs: int,
    scale: int,
) -> None:
    async with database.transaction() as tx:
        campaigns = await campaigns_on(tx, chain)
    assert len(campaigns) == runs, f"{chain} has {len(campaigns)} campaigns after {runs} runs"
    for campaign in campaigns:
        terms = campaign.terms(chain)
        page = await book.events([terms], 0, (await chains.adapter(chain).heads()).included)
        facts = [event.fact for event in page.events]
        orders = {fact.order_hash for fact in facts if isinstance(fact, VoucherRedeemed)}
        # A remainder is of an order and of no campaign: the other runs' orders are told with it on an EVM chain.
        paid = [fact.order_hash for fact in facts if isinstance(fact, OrderPaid)]
        assert len(paid) == len(set(paid)) <= runs, f"{paid} on {chain} after {runs} runs"
        events = [fact for fact in facts if not isinstance(fact, OrderPaid) or fact.order_hash in orders]
        counts = Counter(type(fact) for fact in events)
        made = ISSUED_PER_RUN + REISSUED_PER_RUN
        expected = {
            CampaignLaunched: 1,
            VoucherIssued: made,
            VoucherRedeemed: 1,
            OrderPaid: 1,
            (RedemptionUndone if chain.family == "eip155" else RedemptionReversed): 1,
        }
        assert {kind: counts[kind] for kind in expected} == expected, f"on {chain}: {counts}"
        funded = sum(fact.base_units for fact in events if isinstance(fact, CampaignFunded))
        assert funded == CAP * DISCOUNT_MINOR * scale, f"funded {funded} on {chain}"
        remainders = [fact.base_units for fact in events if isinstance(fact, OrderPaid)]
        assert remainders == [(PRICE_MINOR - DISCOUNT_MINOR) * scale]
        left = (await book.escrow(terms)).base_units
        assert left == CAP * DISCOUNT_MINOR * scale, f"escrow {left} on {chain}"
        told = await connection.fetch(
            "SELECT status, count(*) FROM voucher WHERE campaign_id = $1 AND chain = $2 GROUP BY status",
            str(campaign.id),
            str(chain),
        )
        assert sum(row["count"] for row in told) == made, f"the ledger says {told}"
        assert {row["status"]: row["count"] for row in told}.get("redeemed") == 1, f"the ledger says {told}"
        asked = await connection.fetchval(
            "SELECT count(*) FROM issuance_item JOIN issuance ON issuance.id = issuance_id "
            "WHERE issuance.campaign_id = $1 AND issuance.chain = $2 AND issuance_item.status = 'done'",
            str(campaign.id),
            str(chain),
        )
        assert asked == ISSUED_PER_RUN, f"{asked} issued by the database's account on {chain}"


async def _require_receipts(chains: ConfiguredChains, chain: ChainId, connection: Any) -> None:
    """Each final attempt is on the chain as stored, and no account's nonce went further than ours."""
    adapter = chains.adapter(chain)
    for row in await connection.fetch(
        "SELECT tx_hash, ok, height FROM payment_attempt WHERE chain = $1 AND status = 'final'", str(chain)
    ):
        receipt = await adapter.receipt(row["tx_hash"])
        assert receipt is not None, f"{row['tx_hash']} is final in the database and absent from {chain}"
        assert (receipt.ok, receipt.height) == (row["ok"], row["height"]), f"{receipt} is stored as {dict(row)}"
    if chain.family != "eip155":
        return
    for row in await connection.fetch(
        "SELECT account, next_nonce FROM payment_lane WHERE chain = $1 AND next_nonce IS NOT NULL", str(chain)
    ):
        on_chain = await adapter.next_nonce(AccountId(chain, row["account"]))
        assert on_chain == row["next_nonce"], f"{row['account']}: nonce {on_chain} on {chain}, {row['next_nonce']} here"
