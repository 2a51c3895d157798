"""What routes take as parameters, beside the rules of `api/security.py`."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Header, Request

from api.handouts import Handouts
from api.languages import Language, preferred_language
from api.security import CurrentSession
from api.services import Services
from api.unlocked import UnlockedSessions
from audit.proofs.service import ProofService
from audit.provenance.service import ProvenanceService
from audit.search.service import SearchService
from chains.registry import ConfiguredChains
from keystore.service import Keystore, UnlockToken
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


async def get_services(request: Request) -> Services:
    # Asynchronous as all of these: the framework would run a plain function in a thread of its own.
    services: Services = request.app.state.services
    return services


AllServices = Annotated[Services, Depends(get_services)]


def service(name: str) -> Any:
    """The dependency on one field of `Services`: `OrdersDep = Annotated[OrderService, service("orders")]`."""

    async def find(request: Request) -> Any:
        # Not by way of `get_services`: a dependency of a dependency costs as much as both.
        return getattr(request.app.state.services, name)

    return Depends(find)


PersonsDep = Annotated[Persons, service("persons")]
RegistrationDep = Annotated[Registration, service("registration")]
"""None: accounts begin at once."""
SessionsDep = Annotated[Sessions, service("sessions")]
LoginLinksDep = Annotated[LoginLinks, service("login_links")]
OrganisationsDep = Annotated[Organisations, service("organisations")]
ApiKeysDep = Annotated[ApiKeys, service("api_keys")]
PasskeysDep = Annotated[Passkeys, service("passkeys")]
WalletLoginDep = Annotated[WalletLogin, service("wallet_login")]
MailboxesDep = Annotated[Mailboxes, service("mailboxes")]
InvitationsDep = Annotated[Invitations, service("invitations")]
ConsentsDep = Annotated[Consents, service("consents")]
IdentityDep = Annotated[Identity, service("identity")]
ErasureDep = Annotated[Erasure, service("erasure")]
PersonExportDep = Annotated[PersonExport, service("person_export")]
EventFeedDep = Annotated[EventFeed, service("events")]
NotificationsDep = Annotated[Notifications, service("notifications")]
CasesDep = Annotated[Cases, service("cases")]
WebhooksDep = Annotated[Webhooks, service("webhooks")]
ChainsDep = Annotated[ConfiguredChains, service("chains")]
ProvenanceDep = Annotated[ProvenanceService, service("provenance")]
SearchDep = Annotated[SearchService, service("search")]
ProofsDep = Annotated[ProofService, service("proofs")]
CampaignsDep = Annotated[CampaignService, service("campaigns")]
AnalyticsDep = Annotated[AnalyticsService, service("analytics")]
HandoutsDep = Annotated[Handouts, service("handouts")]
OrdersDep = Annotated[OrderService, service("orders")]
TillDep = Annotated[TillService, service("till")]
RefundsDep = Annotated[RefundService, service("refunds")]
DisputesDep = Annotated[DisputeService, service("disputes")]
BooksDep = Annotated[Books, service("books")]
SettlementDep = Annotated[SettlementService, service("settlement")]
HandingOnDep = Annotated[HandingOn, service("handing_on")]
ExpiryDep = Annotated[ExpiryService, service("expiry")]
VoucherViewsDep = Annotated[VoucherViews, service("voucher_views")]
GiftsDep = Annotated[GiftCatalogue, service("gifts")]
PointsDep = Annotated[PointsService, service("points")]
SolanaPayDep = Annotated[SolanaPay, service("solana_pay")]
PoliciesDep = Annotated[PolicyService, service("policies")]
ApprovalsDep = Annotated[Approvals, service("approvals")]
AssetsDep = Annotated[AssetService, service("assets")]
PricesDep = Annotated[MoneySource, service("prices")]
PortfolioDep = Annotated[PortfolioService, service("portfolio")]
ActivityDep = Annotated[ActivityService, service("activity")]
AddressBookDep = Annotated[AddressBook, service("address_book")]
PaymentRequestsDep = Annotated[PaymentRequests, service("payment_requests")]
SpendingDep = Annotated[SpendingService, service("spending")]
StoresDep = Annotated[Stores, service("stores")]
CatalogueDep = Annotated[Catalogue, service("catalogue")]
DappsDep = Annotated[DappRpc, service("dapps")]
SwapsDep = Annotated[SwapService, service("swaps")]
OutsideSwapsDep = Annotated[OutsideSwaps, service("outside_swaps")]
ChargingDep = Annotated[Charging, service("charging")]
RiskDep = Annotated[RiskService, service("risk")]
FreezesDep = Annotated[FreezeService, service("freezes")]
TransfersDep = Annotated[TransferService, service("transfers")]
KeystoreDep = Annotated[Keystore, service("keystore")]
AccountsDep = Annotated[AccountService, service("accounts")]
UnlockedSessionsDep = Annotated[UnlockedSessions, service("unlocked")]
PageUrl = Annotated[str, service("page_url")]
"""Where people open the page, without a slash at the end."""


async def _unlock_token(session: CurrentSession, unlocked: UnlockedSessionsDep) -> UnlockToken:
    return unlocked.require(session.token)


Unlocked = Annotated[UnlockToken, Depends(_unlock_token)]
"""The keystore's token of the caller's unlocked session. Raises KeystoreLocked (423): unlock first."""

IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=128,
        pattern=r"^[\x21-\x7e]+$",
        description="Chosen by the client: same key and same body give the same answer, another body gives 409",
    ),
]
"""Required on every write that moves value."""


async def client_address(request: Request) -> str:
    """Where the request comes from, for counting attempts."""
    return request.client.host if request.client is not None else "unknown"


ClientAddress = Annotated[str, Depends(client_address)]


def reads_chinese(request: Request) -> bool:
    """Whether texts are in Chinese for this caller."""
    return preferred_language(request.headers.get("accept-language")) == "zh-CN"


InChinese = Annotated[bool, Depends(reads_chinese)]


async def reader_language(request: Request) -> Language:
    """In which language the caller reads."""
    return preferred_language(request.headers.get("accept-language"))


PreferredLanguage = Annotated[Language, Depends(reader_language)]
