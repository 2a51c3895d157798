"""Whether a change only tightens: then it counts at once. Whatever is not plainly stricter is a loosening."""

from __future__ import annotations

from collections.abc import Sequence

from wallets.policy.coherence import covers, minutes_of, same_unit
from wallets.policy.rules import (
    AnyRule,
    Approval,
    BlindSigning,
    Cooling,
    Document,
    Hours,
    Limit,
    Recipients,
    RiskScore,
    SecondFactor,
    Sum,
    UnreadableCalls,
)


def loosened(old: Document, new: Document) -> Sequence[str]:
    """Ids of the old rules that no new rule holds as strictly; none: the change only tightens."""
    same_zone = old.zone.key == new.zone.key
    return [rule.id for rule in old.rules if not any(_holds(one, rule, same_zone=same_zone) for one in new.rules)]


def _holds(new: AnyRule, old: AnyRule, *, same_zone: bool) -> bool:
    """Whether everything that the old rule stops is stopped, at least as firmly, by the new one alone."""
    if not covers(new, old):
        return False
    match new, old:
        case Limit(), Limit():
            in_time = new.window == old.window and new.seconds >= old.seconds and (same_zone or old.window != "day")
            return in_time and _no_more(new.at_most, old.at_most)
        case Recipients(mode="only"), Recipients(mode="only"):
            return new.accounts <= old.accounts
        case Recipients(mode="never"), Recipients(mode="never"):
            return new.accounts >= old.accounts
        case Cooling(), Cooling():
            return new.seconds >= old.seconds and (
                new.above is None or (old.above is not None and _no_more(new.above, old.above))
            )
        case Hours(), Hours():
            return same_zone and minutes_of(new) <= minutes_of(old)
        case Approval(), Approval():
            return (
                _no_more(new.above, old.above)
                and new.needed >= old.needed
                and new.approvers <= old.approvers
                and new.seconds <= old.seconds
            )
        case SecondFactor(), SecondFactor():
            return _no_more(new.above, old.above)
        case UnreadableCalls(), UnreadableCalls():
            return new.effect.rank >= old.effect.rank
        case BlindSigning(), BlindSigning():
            return new.effect.rank >= old.effect.rank
        case RiskScore(), RiskScore():
            return new.at_least <= old.at_least and new.effect.rank >= old.effect.rank
        case _:
            return False


def _no_more(new: Sum, old: Sum) -> bool:
    return same_unit(new, old) and new.units <= old.units
