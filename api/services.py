"""What the routes may call: one typed field per service, filled in by the composition root.

A part adds its field here with its import under `TYPE_CHECKING`, and a dependency alias in `api/dependencies.py`.
A field that nobody filled in raises `MissingPart` when it is used, so that an installation (or a test) with some of
the parts serves those parts.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

from primitives.errors import MissingPart

if TYPE_CHECKING:
    from api.auditing import Auditing
    from api.faucet import LocalFaucet
    from api.handouts import Handouts
    from api.operation.metrics import OperationMetrics
    from api.organisation_accounts import OrganisationAccount
    from api.unlocked import UnlockedSessions
    from audit.proofs.service import ProofService
    from audit.provenance.service import ProvenanceService
    from audit.search.service import SearchService
    from chains.registry import ConfiguredChains
    from keystore.service import Keystore
    from people.api_keys.service import ApiKeys
    from people.catalogue.charging import Charging
    from people.catalogue.service import Catalogue
    from people.consents.service import Consents
    from people.events.feed import EventFeed
    from people.identity.service import Identity
    from people.invitations.service import Invitations
    from people.login_links import LoginLinks
    from people.mail.service import Mailboxes
    from people.notifications.service import Notifications
    from people.organisations.service import Organisations
    from people.passkeys.service import Passkeys
    from people.persons.registration import Registration
    from people.persons.service import Persons
    from people.privacy.erasure import Erasure
    from people.privacy.export import PersonExport
    from people.sessions.service import Sessions
    from people.stores.service import Stores
    from people.support.service import Cases
    from people.wallet_login.service import WalletLogin
    from people.webhooks.service import Webhooks
    from persistence.database import Database
    from vouchers.analytics.service import AnalyticsService
    from vouchers.campaigns.service import CampaignService
    from vouchers.expiry.service import ExpiryService
    from vouchers.gifts.service import GiftCatalogue
    from vouchers.handing_on import HandingOn
    from vouchers.orders.service import OrderService
    from vouchers.points.service import PointsService
    from vouchers.refunds.disputes import DisputeService
    from vouchers.refunds.service import RefundService
    from vouchers.settlement.books import Books
    from vouchers.settlement.service import SettlementService
    from vouchers.till.service import TillService
    from vouchers.views import VoucherViews
    from wallets.accounts.service import AccountService
    from wallets.activity.service import ActivityService
    from wallets.address_book.service import AddressBook
    from wallets.assets.service import AssetService
    from wallets.dapps.rpc import DappRpc
    from wallets.defi.outside import OutsideSwaps
    from wallets.defi.service import SwapService
    from wallets.freeze.service import FreezeService
    from wallets.payment_requests.service import PaymentRequests
    from wallets.policy.approvals import Approvals
    from wallets.policy.service import PolicyService
    from wallets.portfolio.service import PortfolioService
    from wallets.prices.ports import MoneySource
    from wallets.risk.service import RiskService
    from wallets.solana_pay.service import SolanaPay
    from wallets.spending.service import SpendingService
    from wallets.transfers.service import TransferService


class MailCatching(Protocol):
    """Shows the mails that were caught, newest first: recipient, subject, text."""

    def caught(self) -> Sequence[tuple[str, str, str]]: ...


class Absent:
    """Stands for a service that this installation does not carry."""

    def __init__(self, name: str) -> None:
        object.__setattr__(self, "_name", name)

    def __getattr__(self, attribute: str) -> Any:
        name = object.__getattribute__(self, "_name")
        raise MissingPart(f"this installation carries no {name}", part=name)

    def __bool__(self) -> bool:
        return False


def absent(name: str) -> Callable[[], Any]:
    """The default factory of a field: `orders: OrderService = field(default_factory=absent("orders"))`."""
    return lambda: Absent(name)


async def no_accounts(organisation_id: UUID) -> Sequence[OrganisationAccount]:
    """Until the composition root says how to find an organisation's accounts."""
    return ()


@dataclass(slots=True, kw_only=True)
class Services:
    """The services of one running application.

    Attributes:
        organisation_accounts: The accounts of an organisation on each chain, for showing.
        readiness: Named checks of `/readyz` beside database and chains; each raises when its part is not ready.
        faucet: Of the local testnets; None where there are none.
        mail_catcher: Holds what would be mailed, where no mail server is configured on a development installation.
        limits_set: How many spending limits a person has; None where limits are no part of this installation.
        demo: Whether one-time login links work (on loopback only).
        page_url: Where people open the page, without a slash at the end.
    """

    database: Database = field(default_factory=absent("database"))
    persons: Persons = field(default_factory=absent("persons"))
    registration: Registration = field(default_factory=absent("registration"))
    sessions: Sessions = field(default_factory=absent("sessions"))
    api_keys: ApiKeys = field(default_factory=absent("api keys"))
    passkeys: Passkeys = field(default_factory=absent("passkeys"))
    wallet_login: WalletLogin = field(default_factory=absent("wallet login"))
    mailboxes: Mailboxes = field(default_factory=absent("mail"))
    invitations: Invitations = field(default_factory=absent("invitations"))
    consents: Consents = field(default_factory=absent("consents"))
    identity: Identity = field(default_factory=absent("identity reviews"))
    erasure: Erasure = field(default_factory=absent("erasure"))
    person_export: PersonExport = field(default_factory=absent("person export"))
    mail_catcher: MailCatching | None = None
    limits_set: Callable[[UUID], Awaitable[int]] | None = None
    login_links: LoginLinks = field(default_factory=absent("login links"))
    organisations: Organisations = field(default_factory=absent("organisations"))
    organisation_accounts: Callable[[UUID], Awaitable[Sequence[OrganisationAccount]]] = no_accounts
    events: EventFeed = field(default_factory=absent("event feed"))
    notifications: Notifications = field(default_factory=absent("notifications"))
    webhooks: Webhooks = field(default_factory=absent("webhooks"))
    cases: Cases = field(default_factory=absent("cases"))
    keystore: Keystore = field(default_factory=absent("keystore"))
    chains: ConfiguredChains = field(default_factory=absent("chains"))
    accounts: AccountService = field(default_factory=absent("accounts"))
    solana_pay: SolanaPay = field(default_factory=absent("solana pay"))
    assets: AssetService = field(default_factory=absent("assets"))
    portfolio: PortfolioService = field(default_factory=absent("portfolio"))
    activity: ActivityService = field(default_factory=absent("activity"))
    address_book: AddressBook = field(default_factory=absent("address book"))
    payment_requests: PaymentRequests = field(default_factory=absent("payment requests"))
    spending: SpendingService = field(default_factory=absent("spending"))
    stores: Stores = field(default_factory=absent("stores"))
    catalogue: Catalogue = field(default_factory=absent("catalogue"))
    charging: Charging = field(default_factory=absent("charging"))
    prices: MoneySource = field(default_factory=absent("prices"))
    policies: PolicyService = field(default_factory=absent("policies"))
    approvals: Approvals = field(default_factory=absent("approvals"))
    dapps: DappRpc = field(default_factory=absent("dapps"))
    swaps: SwapService = field(default_factory=absent("swaps"))
    outside_swaps: OutsideSwaps = field(default_factory=absent("swaps signed elsewhere"))
    risk: RiskService = field(default_factory=absent("risk rules"))
    freezes: FreezeService = field(default_factory=absent("freezes"))
    transfers: TransferService = field(default_factory=absent("transfers"))
    campaigns: CampaignService = field(default_factory=absent("campaigns"))
    analytics: AnalyticsService = field(default_factory=absent("analytics"))
    handouts: Handouts = field(default_factory=absent("handouts"))
    orders: OrderService = field(default_factory=absent("orders"))
    till: TillService = field(default_factory=absent("till"))
    refunds: RefundService = field(default_factory=absent("refunds"))
    disputes: DisputeService = field(default_factory=absent("disputes"))
    books: Books = field(default_factory=absent("books"))
    settlement: SettlementService = field(default_factory=absent("settlement"))
    handing_on: HandingOn = field(default_factory=absent("transfers of vouchers"))
    expiry: ExpiryService = field(default_factory=absent("expiry"))
    voucher_views: VoucherViews = field(default_factory=absent("voucher views"))
    gifts: GiftCatalogue = field(default_factory=absent("gifts"))
    points: PointsService = field(default_factory=absent("points"))
    provenance: ProvenanceService = field(default_factory=absent("provenance"))
    search: SearchService = field(default_factory=absent("search"))
    proofs: ProofService = field(default_factory=absent("proofs"))
    auditing: Auditing = field(default_factory=absent("auditing"))
    operation: OperationMetrics = field(default_factory=absent("metrics of the work"))
    faucet: LocalFaucet | None = None
    unlocked: UnlockedSessions = field(default_factory=absent("unlocked sessions"))
    readiness: dict[str, Callable[[], Awaitable[None]]] = field(default_factory=dict)
    demo: bool = False
    page_url: str = ""
