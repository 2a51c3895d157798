"""An engine whose gate is the product policy, on a chain in memory; several accounts of one owner."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text

from chains.intent import Intent, Transfer
from persistence.database import Database
from persistence.jobs import Worker
from primitives.account_id import AccountId
from primitives.asset import Amount, Asset, AssetId
from primitives.errors import LoginFailed, PriceError, PriceUnavailable
from primitives.signing import Curve
from tests.fakes.accounts import KnownKeys
from tests.fakes.chain import CHAIN, COIN, TOKEN, FakeAdapter, FakeChain
from tests.fakes.signer import MemorySigner
from tests.integration.engine.stage import OneChain
from wallets.engine.care import Patience
from wallets.engine.model import Payment, PaymentRequest, Signs
from wallets.engine.service import Engine
from wallets.policy.approvals import Approvals
from wallets.policy.defaults import default_rules
from wallets.policy.facts import payload_hash
from wallets.policy.gate import PolicyGate
from wallets.policy.replay import Replay
from wallets.policy.service import Owner, PolicyService
from wallets.prices.model import Price

DECIMALS = {COIN.id: 18, TOKEN.id: 6}
CODE = "246810"


class SetPrices:
    """`PriceSource` from a dictionary; an error stands in place of a price."""

    def __init__(self) -> None:
        self.prices: dict[AssetId, str | PriceError] = {COIN.id: "1000000000000000", TOKEN.id: "10"}

    async def price(self, asset: AssetId, currency: str) -> Price:
        found = self.prices.get(asset, PriceUnavailable("none"))
        if isinstance(found, PriceError):
            raise found
        return Price.of_text(asset, currency, found, "test", datetime.now(UTC))


class Codes:
    """A second factor that everybody named has, with one code."""

    def __init__(self, *persons: UUID) -> None:
        self.persons = set(persons)

    async def asked_for(self, person_id: UUID) -> bool:
        return person_id in self.persons

    async def require(self, person_id: UUID, code: str) -> None:
        if code != CODE:
            raise LoginFailed("wrong")


class Scene:
    """One owner with `accounts` accounts, each worth 10^15 units of the coin and of the token; their keys follow from
    the owner's id."""

    def __init__(
        self,
        database: Database,
        accounts: int = 1,
        *,
        delay: timedelta = timedelta(hours=24),
        owner: Owner | None = None,
        most_in_flight: int = 10_000,
    ) -> None:
        self.database = database
        self.chain = FakeChain()
        self.adapter = FakeAdapter(self.chain)
        self.signer = MemorySigner()
        self.owner = owner or Owner(uuid4(), is_organisation=False)
        self.prices = SetPrices()
        self.codes = Codes()
        keys = {}
        for number in range(accounts):
            secret = hashlib.sha256(self.owner.tenant_id.bytes + bytes([number])).digest()
            key, public = self.signer.add(Curve.SECP256K1, secret)
            account = self.adapter.account_of(public)
            keys[account] = key
            self.chain.endowment[account.address] = self.chain.token_endowment[account.address] = 10**15
        self.accounts = list(keys)
        self.defaults = default_rules([COIN], {CHAIN})
        self.gate = PolicyGate(self.defaults, self.prices, DECIMALS)
        none = timedelta(0)
        self.engine = Engine(
            database,
            OneChain(self.adapter),
            KnownKeys(keys),
            self.signer,
            follow_every=none,
            rebroadcast_every=none,
            node_pause=none,
            patience=Patience(gap=none, replace=timedelta(hours=1), stall=timedelta(hours=1)),
            gates=(self.gate,),
            most_in_flight=most_in_flight,
        )
        self.policies = PolicyService(
            database, self.defaults, Replay(self.prices, DECIMALS), self.codes, [CHAIN], delay=delay
        )
        self.approvals = Approvals(database, self.engine, self.codes)
        self.worker = Worker(database, {**self.engine.handlers(), **self.approvals.handlers()})

    async def rules(self, *rules: Mapping[str, Any], code: str | None = None) -> None:
        document = {"zone": "UTC", "rules": list(rules)}
        await self.policies.save(self.owner, self.owner.tenant_id, document, code)

    async def request(
        self,
        key: str,
        units: int = 1000,
        *,
        asset: Asset = COIN,
        to: int = 0x22,
        account: int = 0,
        signs: Signs = "person",
        tenant_id: UUID | None = None,
        asked_by: UUID | None = None,
    ) -> Payment:
        recipient = AccountId.from_raw(CHAIN, bytes([to]) * 20)
        intent = Intent(self.accounts[account], Transfer(Amount(units, asset), recipient))
        tenant = self.owner.tenant_id if tenant_id is None else tenant_id
        async with self.database.transaction() as tx:
            wanted = PaymentRequest(tenant, key, intent, "transfer", signs=signs, asked_by=asked_by)
            return await self.engine.request(tx, wanted)

    async def pay(self, key: str, units: int = 1000, **more: Any) -> Payment:
        payment = await self.request(key, units, **more)
        return await self.engine.authorise(payment.id, self.signer)

    async def read(self, payment: Payment) -> Payment:
        async with self.database.transaction() as tx:
            return await self.engine.get(tx, payment.tenant_id, payment.id)

    async def work(self, rounds: int = 3) -> None:
        await self.worker.run_due(rounds=rounds)

    async def finish(self) -> None:
        """Everything in flight becomes final."""
        for _ in range(4):
            await self.work()
            self.chain.mine()
        await self.work()

    async def person(self) -> UUID:
        """Somebody with an account here."""
        person = uuid4()
        await self.sql("INSERT INTO person (id, created_at) VALUES (:p, now())", p=person)
        return person

    async def sql(self, statement: str, **values: Any) -> Sequence[Any]:
        async with self.database.transaction() as tx:
            result = await tx.execute(text(statement), values)
            return result.all() if result.returns_rows else []

    async def agree(
        self,
        person: UUID,
        payment: Payment,
        *,
        digest: bytes | None = None,
        code: str | None = None,
        of: UUID | None = None,
    ) -> str:
        """`of`: an organisation that the person leads."""
        shown = payload_hash(payment) if digest is None else digest
        tenants = {person} if of is None else {person, of}
        said = await self.approvals.agree(person, tenants, payment.id, shown, code)
        return said.status.value


def limit(units: int, window: str = "day", **more: Any) -> dict[str, Any]:
    unit = {} if "currency" in more else {"asset": str(COIN.id)}
    return {"id": "limit", "kind": "limit", "window": window, "at_most": str(units), **unit, **more}
