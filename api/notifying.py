"""Joins what follows from events: webhooks, notifications, cases. Part of the composition root."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from people.events.fan_out import Consumer, FanOut
from people.events.model import Event
from people.mail.sender import MailSender
from people.notifications.service import Notifications
from people.organisations.sql import organisation_by_id
from people.outbound.guard import OutboundClient
from people.privacy.personal_data import PersonalData
from people.webhooks.sending import WebhookSending
from people.webhooks.service import Webhooks
from persistence.database import Database, Transaction
from persistence.jobs import Handler
from primitives.errors import InvalidValue, OrderNotFound
from primitives.voucher_id import CampaignId, VoucherId
from vouchers.campaigns.sql import campaigns_by_id
from vouchers.ledger.sql import get_voucher
from vouchers.orders.sql import get_order
from vouchers.ports import Accounts
from wallets.transfers.reference import support_reference


class LedgerKnowing:
    """`people.notifications.service.Knowing` over the voucher tables."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    async def facts(self, tx: Transaction, event: Event) -> Mapping[str, Any]:
        found: dict[str, Any] = {}
        merchant: UUID | None = None
        data = event.data
        if "campaign" in data or "voucher" in data:
            campaign = _campaign_of(data)
            known = None if campaign is None else (await campaigns_by_id(tx, [campaign])).get(campaign)
            if known is not None:
                found |= {"title": known.rules.title, "zone": known.rules.zone}
                merchant = known.tenant_id
        if "order" in data:
            with contextlib.suppress(OrderNotFound, ValueError):
                order = await get_order(tx, UUID(str(data["order"])))
                merchant = order.tenant_id
                if order.reference:
                    found["order_reference"] = order.reference
        if "organisation_id" in data:
            merchant = UUID(str(data["organisation_id"]))
        if merchant is not None:
            organisation = await organisation_by_id(tx, merchant)
            if organisation is not None:
                found |= {"merchant": organisation.name, "merchant_id": str(merchant)}
        subject = next((str(data[name]) for name in ("account", "address", "campaign") if data.get(name)), None)
        if subject is None and "freeze_id" in data:
            subject = "全部账户 · every account"
        if subject is not None:
            found["subject"] = found.get("title") or subject
        if "payment_id" in data:
            found["reference"] = support_reference(UUID(str(data["payment_id"])))
        return found

    async def holders(self, tx: Transaction, event: Event) -> Sequence[UUID]:
        if event.data.get("gone") or "voucher" not in event.data:
            return ()
        voucher = await get_voucher(tx, VoucherId.parse(str(event.data["voucher"])))
        return () if voucher is None else await self._accounts.tenants_of(tx, voucher.holder)


def _campaign_of(data: Mapping[str, Any]) -> CampaignId | None:
    try:
        if "campaign" in data:
            return CampaignId.parse(str(data["campaign"]))
        return VoucherId.parse(str(data["voucher"])).campaign
    except InvalidValue:
        return None


@dataclass(frozen=True, slots=True)
class Notifying:
    """The services, and the work that they leave behind."""

    notifications: Notifications
    webhooks: Webhooks
    sending: WebhookSending
    outbound: OutboundClient
    fan_out: FanOut

    def handlers(self) -> Mapping[str, Handler]:
        """Work inside the installation."""
        return {**self.fan_out.handlers(), **self.notifications.handlers()}

    def outside_handlers(self) -> Mapping[str, Handler]:
        """Work that waits for other people's servers: it gets a worker of its own, so that a slow one holds up nobody
        but other receivers."""
        return dict(self.sending.handlers())

    async def start(self, database: Database) -> None:
        """See to it that the feed is read."""
        async with database.transaction() as tx:
            await self.fan_out.begin(tx)


def join_notifying(
    database: Database,
    data: PersonalData,
    sender: MailSender | None,
    page_url: str,
    accounts: Accounts,
    *,
    trusted: Collection[str],
    consumers: Mapping[str, Consumer] | None = None,
) -> Notifying:
    """Build each once.

    Args:
        trusted: Origins of receivers that the operator allows inside our own network.
        consumers: Of other parts by name, beside webhooks and notifications.
    """
    outbound = OutboundClient(trusted=trusted)
    notifications = Notifications(database, data, sender, page_url, LedgerKnowing(accounts))
    webhooks = Webhooks(database, data, outbound)
    return Notifying(
        notifications=notifications,
        webhooks=webhooks,
        sending=WebhookSending(data, outbound),
        outbound=outbound,
        fan_out=FanOut({"webhooks": webhooks.consume, "notifications": notifications.consume, **(consumers or {})}),
    )
