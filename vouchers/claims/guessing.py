"""Wrong codes cost time: a delay that doubles for the address, and one for all doubtful addresses at a campaign."""

from __future__ import annotations

import hashlib
import math
from datetime import datetime, timedelta

from persistence.database import Database
from primitives.clock import Clock
from primitives.errors import TooManyAttempts
from primitives.voucher_id import CampaignId
from vouchers.claims import sql

_ADDRESS = "claim.address"
_CAMPAIGN = "claim.campaign"
_FREE = {_ADDRESS: 3, _CAMPAIGN: 20}
_LONGEST = {_ADDRESS: timedelta(hours=1), _CAMPAIGN: timedelta(minutes=1)}
_FORGOTTEN_AFTER = timedelta(days=1)


def delay(scope: str, failures: int) -> timedelta:
    """From the last failure until the next attempt is judged: nothing for the first few, then 1, 2, 4 … seconds."""
    beyond = failures - _FREE[scope]
    if beyond < 0:
        return timedelta(0)
    return min(_LONGEST[scope], timedelta(seconds=2 ** min(beyond, 30)))


class Guessing:
    """Counts in the database, so that a restart or a second process forgets nothing.

    The campaign's delay is for addresses that have been wrong themselves: else a stranger could keep everybody out by
    guessing. Being right clears nothing: else a code of one's own would buy further guesses.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def require_patience(self, address: str, campaign: CampaignId | None = None) -> None:
        """Before a code is judged.

        Raises:
            TooManyAttempts: `retry_after_seconds`.
        """
        now = self._clock.now()
        async with self._database.statements() as tx:
            own = await sql.failures_of(tx, _ADDRESS, _digest(address))
            wait = _left(_ADDRESS, own, now)
            if own is not None and campaign is not None:
                wait = max(wait, _left(_CAMPAIGN, await sql.failures_of(tx, _CAMPAIGN, campaign.raw), now))
        if wait > timedelta(0):
            seconds = math.ceil(wait.total_seconds())
            raise TooManyAttempts(f"too many wrong codes: wait {seconds} s", retry_after_seconds=seconds)

    async def was_wrong(self, address: str, campaign: CampaignId | None) -> None:
        now = self._clock.now()
        async with self._database.transaction() as tx:
            await sql.count_failure(tx, _ADDRESS, _digest(address), now, now - _FORGOTTEN_AFTER)
            if campaign is not None:
                await sql.count_failure(tx, _CAMPAIGN, campaign.raw, now, now - _FORGOTTEN_AFTER)


def _left(scope: str, known: tuple[int, datetime] | None, now: datetime) -> timedelta:
    if known is None:
        return timedelta(0)
    failures, last = known
    return timedelta(0) if now - last > _FORGOTTEN_AFTER else last + delay(scope, failures) - now


def _digest(address: str) -> bytes:
    """Addresses are personal data: only their hash is kept."""
    return hashlib.sha256(address.encode()).digest()
