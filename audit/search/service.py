"""Finds what an id, a hash, a transaction or an account stands for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from audit.search import sql
from persistence.database import Database, Transaction
from primitives.account_id import checksum_address, parse_evm_address
from primitives.errors import InvalidValue

MAX_LENGTH = 200
MAX_HITS = 50

_HEX = re.compile(r"(0x)?[0-9a-fA-F]+")
_BASE58 = re.compile(r"[1-9A-HJ-NP-Za-km-z]{32,90}")


class Kind(StrEnum):
    VOUCHER = "voucher"
    CAMPAIGN = "campaign"
    REDEMPTION = "redemption"
    ORDER = "order"
    TRANSACTION = "transaction"
    ACCOUNT = "account"
    BLOCK = "block"


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing that was found.

    Attributes:
        id: As its own resource writes it.
        because: How it matched: `id`, or the name of the hash or party that was searched for.
    """

    kind: Kind
    id: str
    because: str
    chain: str | None = None


class SearchService:
    """For auditors: it looks through every tenant."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def search(self, text: str) -> Sequence[Hit]:
        """Everything that the text may name: voucher, campaign, redemption, order (id or hash), rules hash,
        transaction, block, account (CAIP-10, or a bare address). At most 50 hits, none twice.

        Raises:
            InvalidValue: Longer than 200 characters, or nothing that an id could be.
        """
        text = text.strip()
        if not 0 < len(text) <= MAX_LENGTH or not text.isprintable():
            raise InvalidValue(f"search for 1 to {MAX_LENGTH} printable characters", field="q")
        async with self._database.transaction() as tx:
            hits = await self._hits(tx, text)
        return list(dict.fromkeys(hits))[:MAX_HITS]

    async def _hits(self, tx: Transaction, text: str) -> list[Hit]:
        order_id = _uuid(text)
        if order_id is not None:
            return await _order(tx, order_id, "id")
        digits = text[2:].lower() if text[:2] in ("0x", "0X") else text.lower()
        if _HEX.fullmatch(text) and len(digits) == 64:
            return await _hash(tx, digits)
        if _HEX.fullmatch(text) and len(digits) == 48:
            found = await sql.is_campaign(tx, digits)
            return [Hit(Kind.CAMPAIGN, digits, "id")] if found else []
        if ":" in text:
            return await _account(tx, text)
        if _HEX.fullmatch(text) and len(digits) == 40:
            return await _address(tx, checksum_address(parse_evm_address("0x" + digits)))
        if _BASE58.fullmatch(text):
            return [*await _transaction(tx, text), *await _address(tx, text)]
        raise InvalidValue(
            "search for a voucher, campaign, redemption, order, transaction or block id or hash, or an account",
            field="q",
        )


async def _hash(tx: Transaction, digits: str) -> list[Hit]:
    """32 bytes may be many things, and the same bytes are looked for as each."""
    raw = bytes.fromhex(digits)
    hits = [Hit(Kind.VOUCHER, digits, "id")] if await sql.is_voucher(tx, digits) else []
    for hit in await sql.entries_of_redemption(tx, raw, MAX_HITS):
        hits.append(Hit(Kind.REDEMPTION, digits, "id", hit.chain))
        hits += _entry(hit, "redemption")
    for order_id in await sql.orders_with_hash(tx, raw, MAX_HITS):
        hits += await _order(tx, order_id, "order_hash")
    for hit in await sql.entries_of_order(tx, raw, MAX_HITS):
        hits += _entry(hit, "order_hash")
    for campaign in await sql.campaigns_with_rules(tx, raw, MAX_HITS):
        hits.append(Hit(Kind.CAMPAIGN, campaign, "rules_hash"))
    hits += await _transaction(tx, "0x" + digits)
    for hit in await sql.entries_of_block(tx, raw, MAX_HITS):
        hits += [Hit(Kind.BLOCK, "0x" + digits, "id", hit.chain), *_entry(hit, "block")]
    return hits


async def _transaction(tx: Transaction, tx_hash: str) -> list[Hit]:
    hits = []
    for hit in await sql.entries_of_transaction(tx, tx_hash, MAX_HITS):
        hits += [Hit(Kind.TRANSACTION, tx_hash, "id", hit.chain), *_entry(hit, "transaction")]
    return hits


async def _order(tx: Transaction, order_id: UUID, because: str) -> list[Hit]:
    if not await sql.is_order(tx, order_id):
        return []
    vouchers = await sql.vouchers_of_order(tx, order_id, MAX_HITS)
    return [Hit(Kind.ORDER, str(order_id), because), *(Hit(Kind.VOUCHER, item, "order") for item in vouchers)]


async def _account(tx: Transaction, account: str) -> list[Hit]:
    vouchers = await sql.vouchers_of_account(tx, account, MAX_HITS)
    if not vouchers:
        return []
    chain = account.rpartition(":")[0]
    hits = [Hit(Kind.VOUCHER, voucher, "account", chain) for voucher in vouchers]
    return [Hit(Kind.ACCOUNT, account, "id", chain), *hits]


async def _address(tx: Transaction, address: str) -> list[Hit]:
    hits = []
    for account in await sql.accounts_named(tx, address, MAX_HITS):
        hits += await _account(tx, account)
    return hits


def _entry(hit: sql.LedgerHit, because: str) -> list[Hit]:
    """What a ledger entry is about."""
    if hit.voucher_id is not None:
        return [Hit(Kind.VOUCHER, hit.voucher_id, because, hit.chain)]
    if hit.campaign_id is not None:
        return [Hit(Kind.CAMPAIGN, hit.campaign_id, because, hit.chain)]
    return []


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if len(text) == 36 else None
    except ValueError:
        return None
