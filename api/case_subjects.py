"""Whose the subject of a case is, and who answers for it."""

from __future__ import annotations

from uuid import UUID

from api.services import Services
from people.caller import Caller
from people.organisations.sql import organisation_by_id
from people.support.model import SubjectKind
from primitives.errors import InvalidValue, NotFound, QuanbaoError
from primitives.voucher_id import VoucherId
from vouchers.campaigns.sql import campaigns_by_id


async def merchant_of_subject(
    services: Services, caller: Caller, kind: SubjectKind, subject: str | None, merchant: UUID | None
) -> UUID | None:
    """The organisation that answers; None: the operator.

    Raises:
        NotFound: The subject is nobody's or somebody else's.
        InvalidValue: A subject without its kind, or a kind without its subject.
    """
    if kind is SubjectKind.GENERAL:
        if subject is not None:
            raise InvalidValue("say in `about` what the subject is")
        return merchant if merchant is None else await _known(services, merchant)
    if subject is None or merchant is not None:
        raise InvalidValue("a case about something names its id in `subject`, and no merchant")
    try:
        if kind is SubjectKind.ORDER:
            return await _of_order(services, caller, UUID(subject))
        if kind is SubjectKind.PAYMENT:
            await services.transfers.get(caller.tenant_id, UUID(subject))
            return None
        if kind is SubjectKind.REDEMPTION:
            row, _, _ = await services.disputes.redemption(bytes.fromhex(subject), frozenset({caller.person_id}))
            return await _merchant_of_order(services, row.order_id)
        return await _of_voucher(services, caller, VoucherId.parse(subject))
    except (ValueError, QuanbaoError) as error:
        raise NotFound("no such subject among what is yours") from error


async def _known(services: Services, merchant: UUID) -> UUID:
    async with services.database.transaction() as tx:
        if await organisation_by_id(tx, merchant) is None:
            raise NotFound("no such merchant")
    return merchant


async def _of_order(services: Services, caller: Caller, order_id: UUID) -> UUID:
    # Whoever knows an order's id may look at it and pay it, and so ask about it.
    return (await services.orders.get(order_id)).tenant_id


async def _merchant_of_order(services: Services, order_id: UUID) -> UUID:
    return (await services.orders.get(order_id)).tenant_id


async def _of_voucher(services: Services, caller: Caller, voucher: VoucherId) -> UUID:
    await services.voucher_views.voucher(voucher, person_id=caller.person_id, tenants=())
    async with services.database.transaction() as tx:
        return (await campaigns_by_id(tx, [voucher.campaign]))[voucher.campaign].tenant_id
