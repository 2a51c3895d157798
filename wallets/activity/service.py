"""One list over several sources, and people's notes on it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol
from uuid import UUID

from chains.ports import Chains
from chains.registry import ChainInfo
from persistence.database import Database, Transaction
from primitives.account_id import AccountId
from primitives.asset import Asset, AssetId
from primitives.chain_id import ChainId
from primitives.errors import InvalidValue, NodeUnavailable, NotFound, UnknownAsset
from wallets.activity import sql
from wallets.activity.model import MAX_NOTE, MAX_NOTES, MAX_SEARCH, ActivityEntry, Figure, Wanted
from wallets.activity.ports import ActivitySource, Names, OwnAccounts, Shop, Shops, TellingSource, Told
from wallets.activity.reading.solana import SolanaReader
from wallets.activity.words import MOVEMENTS, SENTENCES, kinds_with

_EXPORT_PAGE = 200


class KnownAssets(Chains, Protocol):
    """`chains.registry.ConfiguredChains` conforms."""

    def known_assets(self, chain: ChainId) -> Sequence[Asset]: ...

    def info(self, chain: ChainId) -> ChainInfo: ...


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person wants to see. `account`, `chain`: CAIP; None: all."""

    account: AccountId | None = None
    chain: ChainId | None = None
    kinds: frozenset[str] | None = None
    search: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def __post_init__(self) -> None:
        unknown = sorted((self.kinds or frozenset()) - SENTENCES.keys())
        if unknown:
            raise InvalidValue(
                f"there is no kind {unknown[0][:40]!r}", field="kind", known=", ".join(sorted(SENTENCES))
            )
        if self.search is not None and not 1 <= len(self.search) <= MAX_SEARCH:
            raise InvalidValue(f"a search has 1 to {MAX_SEARCH} characters", field="search")


class ActivityService:
    """The list is put together when it is asked for, so that it says what payments, ledger and chains say now.

    Args:
        telling: Sources that know what movements mean; what they tell is not told again.
        movements: What was seen on chains.
        shops: Whom the person has paid.
    """

    def __init__(
        self,
        database: Database,
        chains: KnownAssets,
        accounts: OwnAccounts,
        solana: SolanaReader,
        telling: Sequence[TellingSource],
        movements: ActivitySource,
        names: Names,
        shops: Shops,
    ) -> None:
        self._database = database
        self._chains = chains
        self._accounts = accounts
        self._solana = solana
        self._names = names
        self._shops = shops
        self._telling = tuple(telling)
        self._sources: tuple[ActivitySource, ...] = (*telling, movements)

    async def read(
        self, tenant_id: UUID, asked: Asked, *, before: tuple[datetime, str] | None = None, limit: int = 50
    ) -> tuple[Sequence[ActivityEntry], frozenset[ChainId]]:
        """Newest first, and the chains that could not be read just now.

        Raises:
            InvalidValue: An account that is not the caller's, an unknown kind.
        """
        wanted = await self._wanted(tenant_id, asked, before, limit)
        unavailable = await self._read_chains(wanted.accounts) if before is None else frozenset()
        if not wanted.accounts:
            return (), unavailable
        async with self._database.transaction() as tx:
            entries = await self._merged(tx, tenant_id, wanted)
            notes = await sql.notes_of(tx, tenant_id, [one.id for one in entries])
            shops = await self._shops.of(tx, tenant_id, entries) if entries else {}
        known = await self._names.names(tenant_id) if entries else {}
        shown = await self._shown(entries)
        return [
            replace(one, note=notes.get(one.id), facts=self._known(one, known, shops.get(one.id))) for one in shown
        ], unavailable

    async def export(self, tenant_id: UUID, asked: Asked) -> AsyncIterator[ActivityEntry]:
        """All of it, newest first."""
        before = None
        while True:
            page, _ = await self.read(tenant_id, asked, before=before, limit=_EXPORT_PAGE)
            for entry in page:
                yield entry
            if len(page) < _EXPORT_PAGE:
                return
            before = page[-1].place

    async def note(self, tenant_id: UUID, entry_id: str, note: str) -> None:
        """Write on an entry.

        Raises:
            InvalidValue: Nothing, more than 500 characters, or 5,000 notes.
            NotFound: No such entry.
        """
        text = note.strip()
        if not 1 <= len(text) <= MAX_NOTE:
            raise InvalidValue(f"a note has 1 to {MAX_NOTE} characters", field="note")
        await self._require(tenant_id, entry_id)
        async with self._database.transaction() as tx:
            await sql.hold_notes(tx, tenant_id)
            noted = await sql.noted(tx, tenant_id)
            if len(noted) >= MAX_NOTES and entry_id not in noted:
                raise InvalidValue(f"you have {MAX_NOTES} notes: remove one that you no longer need", field="note")
            await sql.put_note(tx, tenant_id, entry_id, text)

    async def erase_note(self, tenant_id: UUID, entry_id: str) -> None:
        """The note is gone, the entry stays. Raises NotFound."""
        async with self._database.transaction() as tx:
            if not await sql.erase_note(tx, tenant_id, entry_id):
                raise NotFound("there is no such note")

    # --- inside ---

    async def _require(self, tenant_id: UUID, entry_id: str) -> None:
        """Notes hang on what the person can see, and on nothing else."""
        if len(entry_id) > 400:
            raise NotFound("there is no such entry")
        wanted = await self._wanted(tenant_id, Asked(), None, 1)
        only = replace(wanted, search="\x01", noted=frozenset({entry_id}))
        if wanted.accounts:
            async with self._database.transaction() as tx:
                for source in self._sources:
                    if any(one.id == entry_id for one in await source.entries(tx, tenant_id, only)):
                        return
        raise NotFound("there is no such entry")

    async def _wanted(self, tenant_id: UUID, asked: Asked, before: tuple[datetime, str] | None, limit: int) -> Wanted:
        own = [held.account for held in await self._accounts.list(tenant_id)]
        if asked.account is not None and asked.account not in own:
            raise InvalidValue(f"{asked.account} is not an account of your wallets", field="account")
        accounts = [one for one in own if asked.account in (None, one) and asked.chain in (None, one.chain)]
        noted: frozenset[str] = frozenset()
        kinds: frozenset[str] = frozenset()
        assets: frozenset[str] = frozenset()
        names: set[str] = set()
        if asked.search is not None:
            kinds = kinds_with(asked.search)
            assets = self._assets_named(asked.search)
            needle = asked.search.casefold()
            book = await self._names.names(tenant_id)
            names = {account for account, name in book.items() if needle in name.casefold()}
            async with self._database.transaction() as tx:
                noted = await sql.noted_with(tx, tenant_id, asked.search)
                names.update(await self._shops.named(tx, tenant_id, asked.search))
        return Wanted(
            accounts=tuple(accounts),
            kinds=asked.kinds,
            search=asked.search,
            searched_kinds=kinds,
            searched_assets=assets,
            searched_names=frozenset(names),
            noted=noted,
            since=asked.since,
            until=asked.until,
            before=before,
            limit=limit,
        )

    def _assets_named(self, search: str) -> frozenset[str]:
        needle = search.casefold()
        return frozenset(
            str(asset.id)
            for chain in self._chains.all()
            for asset in (self._chains.adapter(chain).native, *self._chains.known_assets(chain))
            if needle in asset.symbol.casefold()
        )

    async def _read_chains(self, accounts: Collection[AccountId]) -> frozenset[ChainId]:
        configured = set(self._chains.all())
        unavailable = {one.chain for one in accounts if one.chain not in configured}
        for account in accounts:
            if account.chain.family == "solana" and account.chain not in unavailable:
                try:
                    await self._solana.read(account)
                except NodeUnavailable:
                    unavailable.add(account.chain)
        return frozenset(unavailable)

    async def _merged(self, tx: Transaction, tenant_id: UUID, wanted: Wanted) -> list[ActivityEntry]:
        kept: list[ActivityEntry] = []
        place = wanted.before
        while True:
            parts = [await source.entries(tx, tenant_id, replace(wanted, before=place)) for source in self._sources]
            page = sorted((entry for part in parts for entry in part), key=lambda one: one.place, reverse=True)
            page = page[: wanted.limit]
            kept += await self._told_once(tx, tenant_id, wanted.accounts, page)
            if len(page) < wanted.limit or len(kept) >= wanted.limit:
                return kept[: wanted.limit]
            place = page[-1].place

    async def _told_once(
        self, tx: Transaction, tenant_id: UUID, accounts: Sequence[AccountId], page: Sequence[ActivityEntry]
    ) -> list[ActivityEntry]:
        """Without the movements that somebody tells better, and no fee twice."""
        movements = [one for one in page if one.kind in MOVEMENTS]
        told: dict[str, Told] = {}
        for source in self._telling if movements else ():
            for entry_id, how in (await source.tells(tx, tenant_id, accounts, movements)).items():
                told[entry_id] = how if told.get(entry_id) is not Told.ALL else Told.ALL
        return [
            replace(one, fee=None) if told.get(one.id) is Told.FEE else one
            for one in page
            if told.get(one.id) is not Told.ALL
        ]

    async def _shown(self, entries: Sequence[ActivityEntry]) -> Sequence[ActivityEntry]:
        """With the symbols and decimals that chains tell."""
        wanted = {
            figure.asset
            for entry in entries
            for figure in (entry.amount, entry.fee)
            if figure is not None and figure.asset is not None and figure.symbol is None
        }
        found = {text: await self._asset(AssetId.parse(text)) for text in sorted(wanted)}
        return [replace(entry, amount=_named(entry.amount, found), fee=_named(entry.fee, found)) for entry in entries]

    def _known(self, entry: ActivityEntry, book: Mapping[str, str], shop: Shop | None) -> Mapping[str, str]:
        """What the sentence may name: the person's own word for somebody first, then a shop's."""
        facts = dict(entry.facts)
        if shop is not None:
            facts["shop"] = shop.name
            if shop.order is not None:
                facts["order"] = shop.order
        name = book.get(entry.counterparty or "") or (None if shop is None else shop.name)
        if name is not None:
            facts["known_as"] = name
        if entry.kind == "received" and self._is_gift(entry):
            facts["faucet"] = "local"
        return facts

    def _is_gift(self, entry: ActivityEntry) -> bool:
        """Whether a local chain's faucet gave it: on EVM it makes test money out of nothing, and only it can."""
        if entry.chain not in self._chains.all() or entry.counterparty is None:
            return False
        info = self._chains.info(entry.chain)
        if info.faucet is None or entry.amount is None:
            return False
        made = AccountId.parse(entry.counterparty).raw == bytes(20)
        return entry.counterparty == str(info.faucet) or (
            made and entry.amount.asset in {str(asset.id) for asset in info.assets}
        )

    async def _asset(self, asset: AssetId) -> Asset | None:
        if asset.token_id is not None or asset.chain not in self._chains.all():
            return None
        try:
            return await self._chains.adapter(asset.chain).asset(asset)
        except (NodeUnavailable, UnknownAsset):
            return None


def _named(figure: Figure | None, assets: dict[str, Asset | None]) -> Figure | None:
    asset = None if figure is None or figure.asset is None else assets.get(figure.asset)
    if figure is None or asset is None:
        return figure
    return replace(figure, symbol=asset.symbol, decimals=asset.decimals)
