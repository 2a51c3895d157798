"""Rules over who is paid, how much and how often, beside what the account has done before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from chains.intent import Transfer
from primitives.account_id import AccountId
from wallets.assets.lookalike import resembles
from wallets.risk.model import Finding

WINDOW = timedelta(minutes=10)
"""Of the rules that count."""
MANY = 10
MANY_NEW = 4
TIMES_LARGER = 20
LEARNED = 3
"""So many payments of an asset before a larger one says anything."""
NEW_DEVICE_FOR = timedelta(hours=24)

LOOKALIKE = "lookalike_recipient"

OF_A_BURST = frozenset({"recipient.first", "velocity.count", "velocity.recipients", "device.new"})
"""Rules that say the same of every payment of a burst: its owner is told of them once."""


@dataclass(frozen=True, slots=True)
class History:
    """What is known of an account when it is about to pay.

    Attributes:
        paid: Recipients that it has paid, at least all that begin as the recipient does.
        touched: Whether the recipient has only ever moved nothing to or from the account (a transfer of zero), as
            poisoners do.
        paid_before: Whether this recipient was paid before.
        recent: Payments of the owner in the last ten minutes, counted so far as a bound of the reader goes.
        recent_new: Recipients among them that had never been paid, likewise.
        largest: Largest amount of this asset before, base units.
        earlier: How many payments of this asset there were.
        new_device_at: When a device that was never seen before opened a session; None: none in the last day.
    """

    paid: tuple[AccountId, ...] = ()
    touched: bool = False
    paid_before: bool = False
    recent: int = 0
    recent_new: int = 0
    largest: int = 0
    earlier: int = 0
    new_device_at: datetime | None = None


def burst_of(account: AccountId, now: datetime) -> str:
    """The subject of what is told of the burst: one for each account and ten minutes by the clock."""
    return f"burst:{account}:{int(now.timestamp() // WINDOW.total_seconds())}"


def recipient_findings(sender: AccountId, transfer: Transfer, history: History) -> tuple[Finding, ...]:
    """Rules `recipient.…`."""
    recipient = transfer.recipient
    if recipient == sender or history.paid_before:
        return ()
    found = [
        Finding(
            "recipient.first",
            10,
            f"{recipient.address} has never been paid from this account",
            {"recipient": recipient.address},
        )
    ]
    original = resembles(recipient, [*history.paid, sender])
    if original is not None:
        evidence = {"recipient": recipient.address, "resembles": original.address}
        found.append(lookalike(recipient, original))
        if history.touched:
            found.append(
                Finding(
                    "recipient.poisoned",
                    20,
                    f"{recipient.address} has put itself into this account's history by transfers of nothing, as "
                    "address poisoning does: refuse",
                    evidence,
                )
            )
    return tuple(found)


def lookalike(recipient: AccountId, original: AccountId) -> Finding:
    """Rule `recipient.lookalike`."""
    return Finding(
        "recipient.lookalike",
        60,
        f"{recipient.address} looks like {original.address}, whom you have paid, and is another address: "
        "compare every digit with its source",
        {"recipient": recipient.address, "resembles": original.address},
        LOOKALIKE,
    )


def behaviour_findings(amount: int | None, history: History, now: datetime) -> tuple[Finding, ...]:
    """Rules `velocity.…` and `device.new`. `amount`: of a transfer, in base units."""
    found = []
    minutes = int(WINDOW.total_seconds() // 60)
    if history.recent >= MANY:
        found.append(
            Finding(
                "velocity.count",
                30,
                f"{history.recent} payments or more in {minutes} minutes",
                {"payments": history.recent, "minutes": minutes, "allowed": MANY},
            )
        )
    if history.recent_new >= MANY_NEW:
        found.append(
            Finding(
                "velocity.recipients",
                30,
                f"{history.recent_new} recipients or more that were never paid before, within {minutes} minutes",
                {"recipients": history.recent_new, "minutes": minutes, "allowed": MANY_NEW},
            )
        )
    if amount is not None and history.earlier >= LEARNED and amount > history.largest * TIMES_LARGER:
        found.append(
            Finding(
                "velocity.amount",
                30,
                f"more than {TIMES_LARGER} times as much as ever before",
                {"amount": str(amount), "largest": str(history.largest)},
            )
        )
    if history.new_device_at is not None and now - history.new_device_at < NEW_DEVICE_FOR:
        found.append(
            Finding(
                "device.new",
                25,
                "a device that was never used before has opened a session within the last day",
                {"since": history.new_device_at.isoformat()},
            )
        )
    return tuple(found)
