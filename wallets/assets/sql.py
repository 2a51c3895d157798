"""Rows of what was found in final blocks: tokens, approvals and counterparties of each account, and how far."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import ARRAY, Boolean, Column, Table, bindparam, func, select, text
from sqlalchemy.dialects.postgresql import insert as upsert

from chains.evm.approvals import ApprovalKind
from chains.evm.holdings import Sighting, TokenKind
from persistence.database import Transaction, lock_for_transaction, metadata
from persistence.types import BigInteger, LargeBinary, Text, Timestamp
from primitives.account_id import AccountId
from primitives.asset import AssetId

asset_scan_table = Table(
    "asset_scan",
    metadata,
    Column("account", Text, primary_key=True),
    Column("height", BigInteger, nullable=False),
)

seen_asset_table = Table(
    "seen_asset",
    metadata,
    Column("account", Text, primary_key=True),
    Column("asset", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("sent", Boolean, nullable=False),
)

given_approval_table = Table(
    "given_approval",
    metadata,
    Column("account", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("token", LargeBinary, primary_key=True),
    Column("spender", LargeBinary, primary_key=True),
)

paid_address_table = Table(
    "paid_address",
    metadata,
    Column("account", Text, primary_key=True),
    Column("recipient", LargeBinary, primary_key=True),
    Column("since", Timestamp, nullable=False, server_default=func.now()),
)

zero_contact_table = Table(
    "zero_contact",
    metadata,
    Column("account", Text, primary_key=True),
    Column("address", LargeBinary, primary_key=True),
)
"""Who has put a transfer of nothing into an account's history, as address poisoners do."""


async def hold_account(tx: Transaction, account: AccountId) -> None:
    """One scan of an account at a time, until the transaction ends."""
    await lock_for_transaction(tx, "asset_scan", account)


async def scanned_height(tx: Transaction, account: AccountId) -> int:
    """Every final block up to here was read; -1 before the first."""
    statement = select(asset_scan_table.c.height).where(asset_scan_table.c.account == str(account))
    height = (await tx.execute(statement)).scalar()
    return -1 if height is None else int(height)


async def put_height(tx: Transaction, account: AccountId, height: int) -> None:
    statement = upsert(asset_scan_table).values(account=str(account), height=height)
    await tx.execute(statement.on_conflict_do_update(index_elements=["account"], set_={"height": height}))


async def add_sightings(tx: Transaction, account: AccountId, sightings: Iterable[Sighting]) -> None:
    """Adding what is there already changes nothing, but that something was sent is remembered."""
    rows: dict[str, dict[str, object]] = {}
    paid, empty = set(), set()
    for one in sightings:
        row = rows.setdefault(
            str(one.asset), {"account": str(account), "asset": str(one.asset), "kind": one.kind.value, "sent": False}
        )
        if not one.base_units:
            empty.add(one.counterparty)
        elif not one.incoming:
            row["sent"] = True
            paid.add(one.counterparty)
    if rows:
        statement = upsert(seen_asset_table).values(list(rows.values()))
        await tx.execute(
            statement.on_conflict_do_update(
                index_elements=["account", "asset"],
                set_={"sent": seen_asset_table.c.sent | statement.excluded.sent},
            )
        )
    if paid:
        await tx.execute(
            upsert(paid_address_table)
            .values([{"account": str(account), "recipient": one} for one in sorted(paid)])
            .on_conflict_do_nothing()
        )
    if empty:
        contacts = [{"account": str(account), "address": one} for one in sorted(empty)]
        await tx.execute(upsert(zero_contact_table).values(contacts).on_conflict_do_nothing())


async def add_approvals(
    tx: Transaction, account: AccountId, given: Sequence[tuple[ApprovalKind, bytes, bytes]]
) -> None:
    if given:
        rows = [
            {"account": str(account), "kind": kind.value, "token": token, "spender": spender}
            for kind, token, spender in given
        ]
        await tx.execute(upsert(given_approval_table).values(rows).on_conflict_do_nothing())


async def seen_assets(tx: Transaction, account: AccountId) -> Sequence[tuple[AssetId, TokenKind, bool]]:
    """Asset, kind, and whether the account ever sent some of it."""
    rows = await tx.execute(
        select(seen_asset_table).where(seen_asset_table.c.account == str(account)).order_by(seen_asset_table.c.asset)
    )
    return [(AssetId.parse(row.asset), TokenKind(row.kind), row.sent) for row in rows]


async def given_approvals(tx: Transaction, account: AccountId) -> Sequence[tuple[ApprovalKind, bytes, bytes]]:
    table = given_approval_table
    rows = await tx.execute(
        select(table).where(table.c.account == str(account)).order_by(table.c.kind, table.c.token, table.c.spender)
    )
    return [(ApprovalKind(row.kind), row.token, row.spender) for row in rows]


async def paid_alike(
    tx: Transaction, payings: Collection[tuple[AccountId, AccountId]]
) -> Mapping[AccountId, Sequence[AccountId]]:
    """Whom each account has paid, of those that could be mistaken for one of its recipients: on EVM chains the
    addresses that begin alike; elsewhere all, because text that begins alike need not come from bytes that do."""
    low, high = [], []
    for sender, recipient in payings:
        head = recipient.raw[:_HEAD_BYTES] if sender.chain.family == "eip155" else b""
        low.append(head)
        high.append(head + b"\xff" * (32 - len(head)))
    wanted = {"accounts": [str(sender) for sender, _ in payings], "low": low, "high": high}
    found: dict[AccountId, list[AccountId]] = {}
    for row in await tx.execute(_PAID_ALIKE, wanted):
        account = AccountId.parse(row.account)
        found.setdefault(account, []).append(AccountId.from_raw(account.chain, row.recipient))
    return found


_HEAD_BYTES = 2
"""As many digits as `lookalike.DIGITS`."""
_PAID_ALIKE = text(
    # OFFSET 0: each range is looked up by itself; joined, every recipient of an account would be compared with each.
    "SELECT DISTINCT paid.account, paid.recipient FROM unnest(:accounts, :low, :high) AS q (account, low, high) "
    "CROSS JOIN LATERAL (SELECT account, recipient FROM paid_address AS p "
    "WHERE p.account = q.account AND p.recipient BETWEEN q.low AND q.high OFFSET 0) AS paid"
).bindparams(
    bindparam("accounts", type_=ARRAY(Text)),
    bindparam("low", type_=ARRAY(LargeBinary)),
    bindparam("high", type_=ARRAY(LargeBinary)),
)


async def add_paid(tx: Transaction, payings: Iterable[tuple[AccountId, AccountId]]) -> None:
    rows = list(dict.fromkeys(payings))
    if rows:
        await tx.execute(
            _ADD_PAID,
            {
                "accounts": [str(sender) for sender, _ in rows],
                "recipients": [recipient.raw for _, recipient in rows],
            },
        )


_ADD_PAID = text(
    "INSERT INTO paid_address (account, recipient) SELECT * FROM unnest(:accounts, :recipients) ON CONFLICT DO NOTHING"
).bindparams(bindparam("accounts", type_=ARRAY(Text)), bindparam("recipients", type_=ARRAY(LargeBinary)))
