"""Owners' rules: read, changed under their own governance, tried out on the past."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from persistence.database import Database, Transaction
from persistence.faults import fault_point
from primitives.chain_id import ChainId
from primitives.errors import ApprovalRefused, NotFound, NotPermitted
from wallets.engine.reservations.sql import lock_scopes
from wallets.policy import sql
from wallets.policy.coherence import require_coherent
from wallets.policy.defaults import TESTS, Defaults
from wallets.policy.document import parse_document
from wallets.policy.model import Decision, LimitUsed, PolicyState
from wallets.policy.ports import SecondFactorCheck
from wallets.policy.replay import MOST_PAYMENTS, DryRun, Replay
from wallets.policy.rules import Cooling, Document, Limit, Outcome
from wallets.policy.strictness import loosened
from wallets.policy.windows import scope_of, since, used_of

DEFAULT_DELAY = timedelta(hours=24)
_REMEMBERED = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose rules these are: a person, or an organisation for which a member acts."""

    tenant_id: UUID
    is_organisation: bool


class PolicyService:
    """Rules of persons and organisations.

    Args:
        chains: All that are configured.
        delay: How long a loosening waits.
        has_risk: Whether payments are scored here.
    """

    def __init__(
        self,
        database: Database,
        defaults: Defaults,
        replay: Replay,
        second_factor: SecondFactorCheck,
        chains: Collection[ChainId],
        *,
        delay: timedelta = DEFAULT_DELAY,
        has_risk: bool = False,
    ) -> None:
        self._database = database
        self._defaults = defaults
        self._replay = replay
        self._second_factor = second_factor
        self._chains = frozenset(chains)
        self._delay = delay
        self._has_risk = has_risk

    async def state(self, owner: Owner) -> PolicyState:
        """The rules that count now, and what waits."""
        async with self._database.transaction() as tx:
            return await self._state(tx, owner)

    async def save(self, owner: Owner, by: UUID, data: Mapping[str, Any], code: str | None) -> PolicyState:
        """Change the rules. What only tightens counts at once; a loosening needs a second factor, and waits.

        A change that waited until now is withdrawn: it was meant for other rules.

        Raises:
            InvalidPolicy: `field` names the place.
            NotPermitted: `second_factor`: it loosens rules, and a code is needed.
            LoginFailed, TooManyAttempts: The code.
        """
        document = self._parse(data, owner)
        before = await self.state(owner)
        proved = bool(self._loosened(before, document))
        if proved:
            await self._prove(by, code)
        async with self._database.transaction() as tx:
            # No payment reserves under rules that are being changed.
            await lock_scopes(tx, [scope_of(owner.tenant_id)])
            state = await self._state(tx, owner)
            loosens = self._loosened(state, document)
            if loosens and not proved:
                raise NotPermitted(
                    "your rules have just changed, and this loosens them: try again", rule="second_factor"
                )
            effective_at = state.now + self._delay if loosens else state.now
            await sql.insert_version(tx, owner.tenant_id, document, by, effective_at, loosens)
            if any(isinstance(rule, Cooling) for rule in document.rules):
                await self._remember_recipients(tx, owner, state.now)
        fault_point("policy.saved")
        return await self.state(owner)

    async def withdraw(self, owner: Owner) -> PolicyState:
        """Take back a loosening that waits. Raises NotFound."""
        async with self._database.transaction() as tx:
            if not await sql.withdraw_waiting(tx, owner.tenant_id):
                raise NotFound("no change waits")
            return await self._state(tx, owner)

    async def approve_change(self, owner: Owner, by: UUID, code: str | None) -> PolicyState:
        """Let an organisation's loosening count at once, by the word of another owner.

        Raises:
            NotFound: No change waits.
            ApprovalRefused: `own_change`: whoever made it cannot approve it.
            NotPermitted, LoginFailed, TooManyAttempts: The code.
        """
        state = await self.state(owner)
        if state.waiting is None:
            raise NotFound("no change waits")
        if state.waiting.created_by == by:
            raise ApprovalRefused("another owner must approve what you have changed", reason="own_change")
        await self._prove(by, code)
        async with self._database.transaction() as tx:
            waiting = await sql.waiting_version(tx, owner.tenant_id, lock=True)
            if waiting is None or waiting.id != state.waiting.id:
                raise NotFound("no such change waits any more")
            await sql.approve_version(tx, waiting.id, by)
        fault_point("policy.change_approved")
        return await self.state(owner)

    async def dry_run(self, owner: Owner, data: Mapping[str, Any], days: int) -> DryRun:
        """What these rules would have said of the payments of the last days. Raises InvalidPolicy."""
        document = self._parse(data, owner)
        async with self._database.transaction() as tx:
            state = await self._state(tx, owner)
            first = state.now - timedelta(days=days)
            past = await sql.past_payments(tx, owner.tenant_id, first, MOST_PAYMENTS)
            return await self._replay.run(tx, past, state.document, document)

    async def limits(self, owner: Owner) -> Sequence[LimitUsed]:
        """Every limit, and how much of it is used now."""
        async with self._database.transaction() as tx:
            state = await self._state(tx, owner)
            found = []
            for rule in state.document.rules:
                if isinstance(rule, Limit) and rule.window == "payment":
                    found.append(LimitUsed(rule, 0, None))
                elif isinstance(rule, Limit):
                    used = await used_of(tx, owner.tenant_id, rule, state.document, state.now)
                    found.append(LimitUsed(rule, used, since(rule, state.document, state.now)))
            return found

    async def rules_set(self, tenant_id: UUID) -> int:
        """How many rules of a person's own count now."""
        state = await self.state(Owner(tenant_id, is_organisation=False))
        return 0 if state.current is None else len(state.document.rules)

    async def decisions(
        self,
        owner: Owner,
        *,
        outcome: Outcome | None = None,
        before: tuple[datetime, UUID] | None = None,
        limit: int = 50,
    ) -> Sequence[Decision]:
        """Newest first."""
        async with self._database.statements() as tx:
            return await sql.decisions_of(tx, owner.tenant_id, outcome=outcome, before=before, limit=limit)

    def _parse(self, data: Mapping[str, Any], owner: Owner) -> Document:
        document = parse_document(data)
        require_coherent(document, owner.tenant_id, self._chains, has_risk=self._has_risk)
        return document

    async def _state(self, tx: Transaction, owner: Owner) -> PolicyState:
        versions, now = await sql.current_versions(tx, [owner.tenant_id])
        current = versions.get(owner.tenant_id)
        default = self._defaults.organisation if owner.is_organisation else self._defaults.person
        document = default if current is None else current.document
        return PolicyState(document, current, await sql.waiting_version(tx, owner.tenant_id), now)

    def _loosened(self, state: PolicyState, document: Document) -> Sequence[str]:
        """The default bounds of test networks, whose coins cost nothing, can be dropped at any time."""
        return [rule for rule in loosened(state.document, document) if not rule.startswith(TESTS)]

    async def _prove(self, person_id: UUID, code: str | None) -> None:
        if not await self._second_factor.asked_for(person_id):
            raise NotPermitted(
                "set up an authenticator first: loosening rules needs a second factor", rule="second_factor"
            )
        if code is None:
            raise NotPermitted("this loosens your rules: send a code of your authenticator", rule="second_factor")
        await self._second_factor.require(person_id, code)

    async def _remember_recipients(self, tx: Transaction, owner: Owner, now: datetime) -> None:
        past = await sql.past_payments(tx, owner.tenant_id, now - _REMEMBERED, MOST_PAYMENTS)
        await sql.remember_recipients(tx, owner.tenant_id, self._replay.recipients(past))
