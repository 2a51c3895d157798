"""The composition root: builds every service once and joins them. The only place that knows all of them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from uuid import UUID

from fastapi import FastAPI

from api.app import create_app
from api.auditing import join_audit
from api.checkout import LAUNCH, join_checkout
from api.cosigning import KeystoreCosigning, SerialReleases
from api.faucet import LocalFaucet
from api.handouts import Handouts
from api.local_endpoints import local_endpoints
from api.log_file import LogFile
from api.logs import configure_logging
from api.new_blocks import NewBlocks
from api.notifying import Notifying, join_notifying
from api.operation.metrics import OperationMetrics, SignTimes, TimedKeystore
from api.people import People, join_people, personal_data
from api.policies import Policies, join_policies
from api.prices import price_source
from api.provisioning import Provisioning
from api.restoring import finish_restore
from api.safety import Safety, join_safety
from api.service_balances import ServiceBalances, of_chain
from api.services import Services
from api.settings import Settings
from api.unlocked import UnlockedSessions
from api.wallet_views import WalletViews, join_wallet_views
from audit.access import VoucherAccess
from audit.attestation import FileAttester
from audit.proofs.service import ProofService, bundle_builders
from audit.provenance.service import ProvenanceService
from audit.search.service import SearchService
from chains.configuration import read_chains
from chains.evm.voucher_book import EvmVoucherBook
from chains.evm.voucher_books import EvmVoucherBooks
from chains.registry import ChainEndpoint, ConfiguredChains
from chains.solana.adapter import SolanaAdapter
from chains.solana.voucher_book import SolanaVoucherBook
from codec.evm.create2 import book_address
from keystore import PLATFORM_TENANT
from keystore.process_memory import forbid_core_dumps
from keystore.self_check import check_libraries
from keystore.service import Keystore
from people.catalogue.charging import Charging
from people.catalogue.service import Catalogue
from people.events.feed import EventFeed
from people.stores.service import Stores
from persistence.database import Database
from persistence.jobs import Handler, Worker
from persistence.migrate import migrate
from primitives.account_id import AccountId
from primitives.asset import Asset
from primitives.chain_id import ChainId
from primitives.errors import MissingPart
from primitives.garbage import collect_seldom
from primitives.signing import KeyPurpose
from vouchers.analytics.service import AnalyticsService
from vouchers.campaigns.progress import CampaignProgress
from vouchers.campaigns.service import CampaignService
from vouchers.fraud.service import FraudWatch
from vouchers.gifts.service import GiftCatalogue
from vouchers.ledger.indexer import Indexer
from vouchers.orders.beside import RemainderRules
from vouchers.orders.quotes import Quoter
from vouchers.payments import EnginePayments, WalletAccounts
from vouchers.points.service import PointsService
from vouchers.ports import Settlement
from vouchers.settlement.books import Books
from vouchers.views import VoucherViews
from wallets.accounts.service import AccountService
from wallets.assets.foresight import Foresight
from wallets.assets.recipients import PaidRecipients
from wallets.assets.service import AssetService
from wallets.dapps.rpc import DappRpc
from wallets.dapps.service import DappRequests
from wallets.defi.outside import OutsideSwaps
from wallets.defi.service import SwapService
from wallets.engine.service import Engine
from wallets.risk.guard import SignatureGuard
from wallets.solana_pay.service import Receiving, SolanaPay
from wallets.transfers.service import TransferService

PAYMENT_ENDED = "order.payment_ended"

LEASE = timedelta(seconds=10)
"""How long after a worker's death others take over what it held; it is renewed three times as often."""

_SLOW_AT_ONCE = 4
"""Requests to other people's servers that wait at the same time."""

_CURRENCY_OF_TEST_MONEY = {"tCNY": "CNY", "tUSD": "USD"}


@dataclass(slots=True)
class Application:
    """Everything joined and ready: the HTTP application, and the durable work."""

    settings: Settings
    services: Services
    asgi: FastAPI
    provisioning: Provisioning
    indexer: Indexer
    books: Books
    wallet_views: WalletViews
    handlers: Mapping[str, Handler]
    notifying: Notifying
    new_blocks: NewBlocks

    async def provision(self) -> None:
        """Key policy, fees and contracts; needs a worker somewhere, so run it inside `working` or beside one."""
        await self.provisioning.allow()
        await self.provisioning.recover()
        await self.provisioning.platform()
        await self.provisioning.watch()
        await self.indexer.start(self.services.database)
        await self.books.start(self.services.database)
        await self.services.auditing.start(self.services.database)
        await self.wallet_views.start(self.services.database)
        await self.notifying.start(self.services.database)

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Carry out durable work while the block runs."""
        workers = [
            Worker(self.services.database, self.handlers, lease=LEASE),
            Worker(self.services.database, self.notifying.outside_handlers(), concurrency=_SLOW_AT_ONCE, lease=LEASE),
        ]
        tasks = {asyncio.create_task(worker.run()) for worker in workers}
        try:
            async with self.new_blocks.listening():
                yield
        finally:
            for worker in workers:
                worker.stop()
            _, running = await asyncio.wait(tasks, timeout=10)
            for late in running:
                late.cancel()


@asynccontextmanager
async def compose(settings: Settings) -> AsyncIterator[Application]:
    """Open database, keystore and nodes, and join the services over them.

    Raises:
        MissingPart: No database or node is configured.
        DataFolderNewer, DatabaseUnavailable, NodeUnavailable, ChainMismatch, InvalidKeyFile
    """
    async with AsyncExitStack() as stack:
        stream = None if settings.log_file is None else stack.enter_context(LogFile(settings.log_file))
        configure_logging(level=logging.getLevelNamesMapping()[settings.log_level.upper()], stream=stream)
        if settings.database_url is None:
            raise MissingPart("no database is configured: set DATABASE_URL", mend="DATABASE_URL")
        url = settings.database_url.get_secret_value()
        database = Database(url, seal=personal_data(settings))
        stack.push_async_callback(database.close)
        # Apart from the others: an audit entry is committed before its signature, whatever becomes of the caller.
        audit_database = Database(url, pool_size=2)
        stack.push_async_callback(audit_database.close)
        await migrate(database)
        await finish_restore(database)

        check_libraries()
        forbid_core_dumps()
        keystore, times = TimedKeystore(database, audit_database), SignTimes()
        keystore.times = times
        stack.callback(keystore.close)
        await keystore.open_service(settings.key_file)

        faucet: LocalFaucet | None = None
        if settings.localnet_url is not None:
            faucet = LocalFaucet(settings.localnet_url)
            stack.push_async_callback(faucet.close)
        chains = await ConfiguredChains.connect(await _endpoints(settings, faucet))
        stack.push_async_callback(chains.close)
        accounts = AccountService(database, keystore, chains, known_assets=chains.known_assets)
        await _add_solana_books(chains, accounts)
        local = frozenset(chain for chain in chains.all() if chains.info(chain).local)
        prices, fetched = price_source(settings, chains)
        if fetched is not None:
            stack.push_async_callback(fetched.close)
        people = join_people(settings, database, keystore, accounts)
        await people.begin(database)
        safety = join_safety(database, people)
        policies = join_policies(chains, prices, safety.risk)
        gates = (*safety.gates, policies.gate)
        engine = Engine(database, chains, accounts, keystore.service_signer(), rewindable=local, gates=gates)
        application = _join(settings, database, keystore, chains, accounts, engine, faucet, people, policies, safety)
        application.services.operation = OperationMetrics(
            database,
            chains,
            times,
            kinds=[*application.handlers, *application.notifying.outside_handlers()],
            consumers=application.notifying.fan_out.consumers,
        )
        stack.push_async_callback(application.notifying.outbound.close)
        collect_seldom()
        yield application


def _join(
    settings: Settings,
    database: Database,
    keystore: Keystore,
    chains: ConfiguredChains,
    accounts: AccountService,
    engine: Engine,
    faucet: LocalFaucet | None,
    people: People,
    policies: Policies,
    safety: Safety,
) -> Application:
    prices = policies.prices
    balances = ServiceBalances(
        database,
        chains,
        keystore,
        accounts,
        engine,
        alarm_below=settings.balance_alarm_below,
        top_up_to=settings.relayer_top_up_to,
    )
    provisioning = Provisioning(database, chains, keystore, accounts, engine, faucet, balances)
    settlements = {chain: _settlements(chains.known_assets(chain)) for chain in chains.all()}
    held, payments = WalletAccounts(accounts), EnginePayments(engine, partial(_first_budget, settings))
    campaigns = CampaignService(database, chains, held, settlements)
    handouts = Handouts.join(database, chains, held, payments, keystore.service_signer())
    progress = CampaignProgress(chains, held, payments, KeystoreCosigning(database, chains, keystore))
    leaves = handouts.leaves
    quoter = Quoter(database, chains, held, settlements, leaves)
    checkout = join_checkout(database, chains, held, payments, quoter, keystore, leaves, RemainderRules(policies.gate))
    local = frozenset(chain for chain in chains.all() if chains.info(chain).local)
    indexer = Indexer(chains, rewindable=local)
    points = PointsService(database)
    attester = FileAttester.open(settings.attestation_key_file)
    access = VoucherAccess(database, accounts)
    evm_books = _evm_books(chains)
    proofs = ProofService(database, access, bundle_builders(chains, attester, evm_books))
    auditing = join_audit(database, chains, evm_books, attester, access, proofs, indexer, checkout.books)
    solana_pay = SolanaPay(database, chains, _treasury(accounts))
    foresight, swaps = Foresight(chains), SwapService(database, engine, chains, accounts)
    outside_swaps = OutsideSwaps(database, chains, swaps)
    assets = AssetService(database, chains, accounts, engine, safety.risk)
    guard = SignatureGuard(database, safety.risk, safety.freezes, policies.signatures)
    views = join_wallet_views(database, chains, accounts, assets, points, prices, evm_books)
    services = Services(
        database=database,
        organisation_accounts=provisioning.organisation_accounts,
        events=EventFeed(database),
        keystore=keystore,
        accounts=accounts,
        chains=chains,
        solana_pay=solana_pay,
        assets=assets,
        portfolio=views.portfolio,
        activity=views.activity,
        address_book=views.address_book,
        payment_requests=views.payment_requests,
        spending=views.spending,
        stores=Stores(database),
        catalogue=Catalogue(database),
        charging=Charging(database),
        prices=prices,
        transfers=TransferService(database, engine, chains, accounts, PaidRecipients(), foresight, safety.risk),
        swaps=swaps,
        outside_swaps=outside_swaps,
        dapps=DappRpc(
            database,
            chains,
            accounts,
            keystore,
            DappRequests(database, engine, chains, accounts, PaidRecipients(), foresight, safety.risk, guard),
        ),
        campaigns=campaigns,
        analytics=AnalyticsService(database),
        handouts=handouts,
        **checkout.services,
        voucher_views=VoucherViews(database, held),
        gifts=GiftCatalogue(database, people.data),
        points=points,
        provenance=ProvenanceService(database, access),
        search=SearchService(database),
        proofs=proofs,
        auditing=auditing,
        faucet=faucet,
        unlocked=UnlockedSessions(keystore),
        demo=settings.demo and settings.loopback,
        page_url=settings.page_url,
    )
    people.fill(services)
    safety.fill(services)
    money = {one.asset.id: one.units_per_minor for listed in settlements.values() for one in listed}
    fraud = FraudWatch(database, safety.risk, money)
    notifying = join_notifying(
        database,
        people.data,
        people.sender,
        settings.page_url,
        held,
        trusted=settings.webhook_origins,
        consumers={"cases": people.cases.consume, "fraud": fraud.consume},
    )
    services.notifications, services.webhooks = notifying.notifications, notifying.webhooks
    services.policies, services.approvals = policies.services(settings, database, chains, engine, people)
    services.limits_set = services.policies.rules_set
    services.readiness["nodes"] = partial(_check_nodes, chains)
    handlers: dict[str, Handler] = {**people.handlers(), **services.approvals.handlers()}
    parts = (provisioning, engine, progress, handouts, indexer, points, solana_pay, swaps, outside_swaps, auditing)
    for part in (*parts, views, fraud):
        handlers.update(part.handlers())
    handlers.update(notifying.handlers())
    handlers.update(checkout.handlers(handlers[LAUNCH]))
    releases = SerialReleases(chains, keystore)
    handlers.update(releases.handlers())
    handlers[PAYMENT_ENDED] = releases.before(handlers[PAYMENT_ENDED])
    app = create_app(services, web_dist=settings.page_dir, cors_origins=settings.cors_origins)
    new_blocks = NewBlocks(database, chains, [engine.new_block, indexer.new_block], [engine.new_block])
    return Application(
        settings, services, app, provisioning, indexer, checkout.books, views, handlers, notifying, new_blocks
    )


def _first_budget(settings: Settings, name: str, chain: ChainId) -> int | None:
    """What a gas budget (`campaign:…`, `holder:…`) begins with."""
    amounts = {"campaign": settings.gas_budget_campaign, "holder": settings.gas_budget_holder}
    return of_chain(amounts[name.partition(":")[0]], chain)


async def _check_nodes(chains: ConfiguredChains) -> None:
    """Raises NodeUnavailable or ChainMismatch for the first node that is not right."""
    for chain in chains.all():
        await chains.adapter(chain).check()


async def _endpoints(settings: Settings, faucet: LocalFaucet | None) -> Sequence[ChainEndpoint]:
    if faucet is not None:
        return local_endpoints(await faucet.status())
    if settings.chains_file is not None:
        return read_chains(settings.chains_file, book=book_address())
    endpoints: list[ChainEndpoint] = []
    if settings.evm_rpc_url is not None:
        endpoints.append(ChainEndpoint("eip155", settings.evm_rpc_url, book=book_address()))
    if settings.solana_rpc_url is not None:
        endpoints.append(ChainEndpoint("solana", settings.solana_rpc_url))
    if not endpoints:
        raise MissingPart(
            "no node is configured: set QUANBAO_EVM_RPC_URL or QUANBAO_SOLANA_RPC_URL", mend="QUANBAO_EVM_RPC_URL"
        )
    return endpoints


def _treasury(accounts: AccountService) -> Receiving:
    async def find(tenant_id: UUID, chain: ChainId) -> AccountId:
        return (await accounts.service_account(tenant_id, KeyPurpose.TREASURY, chain)).account

    return find


def _evm_books(chains: ConfiguredChains) -> Mapping[ChainId, Sequence[bytes]]:
    """Addresses of the voucher books of each EVM chain that has any."""
    found: dict[ChainId, Sequence[bytes]] = {}
    for chain in chains.all():
        with contextlib.suppress(MissingPart):
            book = chains.book(chain)
            if isinstance(book, EvmVoucherBook | EvmVoucherBooks):
                found[chain] = [each.raw for each in book.addresses]
    return found


async def _add_solana_books(chains: ConfiguredChains, accounts: AccountService) -> None:
    for chain in chains.all():
        adapter = chains.adapter(chain)
        if isinstance(adapter, SolanaAdapter):
            authority = await accounts.service_account(PLATFORM_TENANT, KeyPurpose.REDEMPTION_AUTHORITY, chain)
            operator = await accounts.service_account(PLATFORM_TENANT, KeyPurpose.VAULT_OPERATOR, chain)
            chains.add_book(SolanaVoucherBook(adapter, authority=authority.account, operator=operator.account))


def _settlements(assets: Sequence[Asset]) -> Sequence[Settlement]:
    return [
        # Test money has 6 decimals and its currency 2, so one minor unit is 10^4 base units.
        Settlement(_CURRENCY_OF_TEST_MONEY[asset.symbol], asset, 10 ** (asset.decimals - 2))
        for asset in assets
        if asset.symbol in _CURRENCY_OF_TEST_MONEY
    ]
