"""Freeze and release. A freeze and a signature are ordered by one lock of the database, so that nobody signs for the
account once the freeze has committed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID, uuid4

import structlog

from keystore.holds import sql as holds
from people.events import publish
from persistence.database import Database, Transaction
from primitives.account_id import AccountId
from primitives.clock import Clock, SystemClock
from primitives.errors import AccountFrozen, InvalidValue, NotFound, NotPermitted
from primitives.signing import KeyId
from wallets.accounts.sql import account_of, accounts_of
from wallets.freeze import sql
from wallets.freeze.model import Freeze, address_of
from wallets.freeze.ports import SecondFactors

log = structlog.get_logger()

_MAX_REASON = 500
Scope = tuple[UUID, tuple[AccountId, ...]]
"""A tenant, and the accounts that are to sign for it."""


class FreezeService:
    """Freezes of persons' and organisations' accounts.

    Args:
        second_factors: None where nobody can have one: a second person must then agree to every release.
    """

    def __init__(
        self, database: Database, second_factors: SecondFactors | None = None, *, clock: Clock | None = None
    ) -> None:
        self._database = database
        self._second_factors = second_factors
        self._clock = clock or SystemClock()

    async def freeze(self, tenant_id: UUID, account: AccountId | None, reason: str, by: UUID) -> Freeze:
        """Keep an account, or all of the tenant's, from signing; at once and without further questions.

        Raises:
            KeyNotFound: The account is not the tenant's.
            InvalidValue: No reason, or a long one.
        """
        told = _reason(reason)
        async with self._database.transaction() as tx:
            if account is not None:
                await account_of(tx, tenant_id, account)
            return await self.freeze_in(tx, tenant_id, account, reason=told, by=by)

    async def freeze_in(
        self,
        tx: Transaction,
        tenant_id: UUID,
        account: AccountId | None,
        *,
        reason: str,
        alert_id: UUID | None = None,
        by: UUID | None = None,
    ) -> Freeze:
        """As `freeze`, in the caller's transaction: it waits for signatures that have begun, and none begins before it
        ends. An account that is frozen already stays as it is."""
        await sql.hold_signing(tx, tenant_id)
        address = None if account is None else address_of(account)
        for lasting in await sql.lasting_of(tx, [tenant_id]):
            if lasting.address == address:
                return lasting
        made = Freeze(uuid4(), tenant_id, address, reason[:_MAX_REASON], alert_id, by, self._clock.now())
        await sql.insert_freeze(tx, made)
        await holds.hold_keys(tx, tenant_id, await _keys(tx, made), held_for=made.id)
        await self._tell(tx, made, "account.frozen")
        log.warning("account_frozen", freeze=str(made.id), by_rules=by is None)
        return made

    async def require_free(self, tx: Transaction, scopes: Sequence[Scope]) -> list[AccountFrozen | None]:
        """What keeps each from signing. Until the transaction ends no freeze of these tenants commits."""
        tenants = {tenant_id for tenant_id, _ in scopes}
        await sql.enter_signing(tx, tenants)
        lasting = await sql.lasting_of(tx, tenants)
        return [_refusal(scope, lasting) for scope in scopes]

    @asynccontextmanager
    async def signing(self, tenant_id: UUID, *accounts: AccountId) -> AsyncIterator[Transaction]:
        """The transaction within which somebody signs outside the engine.

        Raises:
            AccountFrozen
        """
        async with self._database.transaction() as tx:
            (refusal,) = await self.require_free(tx, [(tenant_id, accounts)])
            if refusal is not None:
                raise refusal
            yield tx

    async def list(
        self,
        tenants: Collection[UUID],
        *,
        asked_too: bool = False,
        before: tuple[datetime, UUID] | None = None,
        limit: int = 50,
    ) -> Sequence[Freeze]:
        """Newest first. `asked_too`: for operators, whose word others wait for."""
        async with self._database.statements() as tx:
            return await sql.freezes_of(tx, tenants, asked_too=asked_too, before=before, limit=limit)

    async def get(self, tenants: Collection[UUID], freeze_id: UUID, *, operator: bool = False) -> Freeze:
        """Raises NotFound, also for somebody else's; an operator reads those whose release was asked for."""
        async with self._database.statements() as tx:
            return await _visible(tx, tenants, freeze_id, operator=operator)

    async def release_by_code(
        self, tenants: Collection[UUID], freeze_id: UUID, by: UUID, code: str, reason: str
    ) -> Freeze:
        """End a freeze with a second factor that was in use before it began.

        Raises:
            NotFound: No such freeze.
            NotPermitted: There is no such factor: ask for a second person.
            LoginFailed, TooManyAttempts, InvalidValue
        """
        told = _reason(reason)
        frozen = await self.get(tenants, freeze_id)
        if not frozen.lasts:
            return frozen
        if self._second_factors is None:
            raise _no_factor()
        try:
            await self._second_factors.require(by, code, set_up_before=frozen.frozen_at)
        except NotFound as error:
            raise _no_factor() from error
        async with self._database.transaction() as tx:
            return await self._release(tx, frozen.id, by, "second_factor", told)

    async def ask_release(self, tenants: Collection[UUID], freeze_id: UUID, by: UUID, reason: str) -> Freeze:
        """Ask a second person to agree. Raises NotFound, InvalidValue."""
        told = _reason(reason)
        async with self._database.transaction() as tx:
            frozen = await _visible(tx, tenants, freeze_id, lock=True)
            if frozen.lasts and frozen.release_asked_by is None:
                await sql.ask_release(tx, frozen, by, told, self._clock.now())
                await self._tell(tx, frozen, "account.release_asked")
            return await _visible(tx, tenants, freeze_id)

    async def agree_to_release(
        self, tenants: Collection[UUID], freeze_id: UUID, by: UUID, *, operator: bool = False
    ) -> Freeze:
        """The second person's word. Not the one who asked, and never the person whose accounts are frozen.

        Raises:
            NotFound
            NotPermitted: Nobody has asked, or it was the same person.
        """
        async with self._database.transaction() as tx:
            frozen = await _visible(tx, tenants, freeze_id, operator=operator, lock=True)
            if not frozen.lasts:
                return frozen
            if frozen.release_asked_by is None:
                raise NotPermitted("nobody has asked for the release: its owner does first", rule="release_not_asked")
            if by in (frozen.release_asked_by, frozen.tenant_id):
                raise NotPermitted("a second person must agree, not the one who asked", rule="second_person")
            return await self._release(tx, frozen.id, by, "second_person", frozen.release_reason or "")

    async def _release(self, tx: Transaction, freeze_id: UUID, by: UUID, how: str, reason: str) -> Freeze:
        frozen = await sql.freeze_by_id(tx, freeze_id, lock=True)
        assert frozen is not None
        if not frozen.lasts:
            return frozen
        await sql.put_released(tx, frozen, by, how, reason, self._clock.now())
        await holds.end_holds(tx, frozen.id)
        await self._tell(tx, frozen, "account.unfrozen")
        log.warning("account_released", freeze=str(frozen.id), how=how)
        ended = await sql.freeze_by_id(tx, freeze_id)
        assert ended is not None
        return ended

    async def _tell(self, tx: Transaction, frozen: Freeze, kind: str) -> None:
        told = {"freeze_id": str(frozen.id), "address": frozen.address}
        if frozen.frozen_by is None:
            # The rules' words. A person's are in no hint: who may read them reads them at the freeze.
            told["reason"] = frozen.reason
        await publish(tx, frozen.tenant_id, kind, told)


async def _keys(tx: Transaction, frozen: Freeze) -> set[KeyId] | None:
    """What the keystore is told to hold; None: every key of the tenant."""
    if frozen.address is None:
        return None
    own = await accounts_of(tx, frozen.tenant_id)
    return {one.key_id for one in own if address_of(one.account) == frozen.address}


def _refusal(scope: Scope, lasting: Sequence[Freeze]) -> AccountFrozen | None:
    tenant_id, accounts = scope
    addresses = {address_of(one) for one in accounts}
    for frozen in lasting:
        if frozen.tenant_id == tenant_id and (frozen.address is None or frozen.address in addresses):
            what = "every account" if frozen.address is None else frozen.address
            return AccountFrozen(
                f"{what} is frozen: nothing is signed until it is released with a second factor or by a second person",
                rule="frozen",
                freeze=str(frozen.id),
            )
    return None


def _reason(reason: str) -> str:
    told = reason.strip()
    if not told or len(told) > _MAX_REASON:
        raise InvalidValue(f"say why, in 1 to {_MAX_REASON} characters")
    return told


def _no_factor() -> NotPermitted:
    return NotPermitted(
        "no second factor was in use before the freeze: ask for the release, and let a second person agree",
        rule="second_factor_older_than_freeze",
    )


async def _visible(
    tx: Transaction, tenants: Collection[UUID], freeze_id: UUID, *, operator: bool = False, lock: bool = False
) -> Freeze:
    found = await sql.freeze_by_id(tx, freeze_id, lock=lock)
    if found is None or not (found.tenant_id in tenants or (operator and found.release_asked_at is not None)):
        raise NotFound("no such freeze")
    return found
