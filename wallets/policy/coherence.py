"""Whether rules fit together: what contradicts another rule, or can never apply, is refused with its place."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import combinations
from uuid import UUID

from primitives.account_id import AccountId
from primitives.chain_id import ChainId
from wallets.policy.document import wrong
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

Numbered = tuple[int, AnyRule]


def require_coherent(document: Document, owner: UUID, chains: Collection[ChainId], *, has_risk: bool) -> None:
    """Raises InvalidPolicy.

    Args:
        owner: Whose payments these are; a person approves none of their own.
        chains: All that are configured.
        has_risk: Whether anybody scores payments here.
    """
    for number, rule in enumerate(document.rules):
        _alone(number, rule, owner, chains, has_risk=has_risk)
    for (number, one), (other_number, other) in combinations(enumerate(document.rules), 2):
        if _share_a_chain(one, other, chains):
            _together((number, one), (other_number, other))
    for chain in sorted(chains, key=str):
        _all_at_once([(number, rule) for number, rule in enumerate(document.rules) if rule.is_of(chain)], chain)


def _all_at_once(rules: Sequence[Numbered], chain: ChainId) -> None:
    """What every two of them leave open, all of them together may not."""
    minutes: set[tuple[int, int]] | None = None
    payable: frozenset[AccountId] | None = None
    for number, rule in rules:
        if isinstance(rule, Hours):
            minutes = minutes_of(rule) if minutes is None else minutes & minutes_of(rule)
            if not minutes:
                raise wrong(f"rules.{number}.spans", f"no moment is allowed by this and all rules before it on {chain}")
        if isinstance(rule, Recipients) and rule.mode == "only":
            mine = frozenset(one for one in rule.accounts if one.chain == chain)
            if payable and mine and not payable & mine:
                raise wrong(f"rules.{number}.accounts", f"nobody on {chain} is on this list and all lists before it")
            payable = mine if payable is None else payable & mine


def _alone(number: int, rule: AnyRule, owner: UUID, chains: Collection[ChainId], *, has_risk: bool) -> None:
    place = f"rules.{number}"
    for chain in sorted(rule.chains, key=str):
        if chain not in chains:
            raise wrong(f"{place}.chains", f"{chain} is not configured, so that this would never apply")
    amount = _amount(rule)
    if amount is not None and amount.asset is not None:
        if amount.asset.chain not in chains:
            raise wrong(f"{place}.asset", f"{amount.asset.chain} is not configured, so that this would never apply")
        if not rule.is_of(amount.asset.chain):
            raise wrong(f"{place}.chains", f"{amount.asset} is on none of these chains, so that this would never apply")
    match rule:
        case Recipients(mode=mode, accounts=accounts):
            if not accounts:
                never = "nobody could ever be paid" if mode == "only" else "this would never apply"
                raise wrong(f"{place}.accounts", f"the list is empty: {never}")
            if not any(rule.is_of(account.chain) for account in accounts):
                raise wrong(f"{place}.accounts", "all accounts are on other chains than the rule")
        case Approval(approvers=approvers):
            if owner in approvers:
                raise wrong(f"{place}.approvers", "nobody approves payments of their own")
        case RiskScore():
            if not has_risk:
                raise wrong(f"{place}.kind", "nobody scores payments on this installation")
        case _:
            pass


def _together(first: Numbered, second: Numbered) -> None:
    for (number, one), (_, other) in ((first, second), (second, first)):
        match one, other:
            case Limit(), Limit():
                _limits(first, second)
                return
            case Approval() | SecondFactor() | Cooling(), Limit(window="payment"):
                above = _amount(one)
                covered = above is not None and same_unit(above, other.at_most) and covers(other, one)
                if covered and above is not None and above.units >= other.at_most.units:
                    raise wrong(
                        f"rules.{number}.above",
                        f"can never apply: {other.id!r} denies every payment above {other.at_most.units}",
                    )
    for (number, one), (_, other) in ((second, first), (first, second)):
        if covers(other, one) and _never_decides(one, other):
            raise wrong(f"rules.{number}", f"can never be what decides: {other.id!r} is as strict wherever it applies")
    match first[1], second[1]:
        case Recipients() as one, Recipients() as other:
            _recipients(one, other, second[0])
        case Hours() as one, Hours() as other:
            if not minutes_of(one) & minutes_of(other):
                raise wrong(f"rules.{second[0]}.spans", f"no moment is allowed by both this and {one.id!r}")
        case _:
            pass


def _never_decides(one: AnyRule, other: AnyRule) -> bool:
    """Whether the other one says as much or more wherever this one says anything."""
    match one, other:
        case SecondFactor(), SecondFactor():
            return _no_earlier(one.above, other.above)
        case Approval(), Approval():
            return (
                _no_earlier(one.above, other.above)
                and one.needed <= other.needed
                and one.approvers >= other.approvers
                and one.seconds >= other.seconds
            )
        case Cooling(), Cooling():
            return one.seconds <= other.seconds and (
                other.above is None or (one.above is not None and _no_earlier(one.above, other.above))
            )
        case Hours(), Hours():
            return minutes_of(other) <= minutes_of(one)
        case Recipients(mode="only"), Recipients(mode="only"):
            return other.accounts <= one.accounts
        case Recipients(mode="never"), Recipients(mode="never"):
            return one.accounts <= other.accounts
        case UnreadableCalls(), UnreadableCalls():
            return one.effect.rank <= other.effect.rank
        case BlindSigning(), BlindSigning():
            return one.effect.rank <= other.effect.rank
        case RiskScore(), RiskScore():
            return one.at_least >= other.at_least and one.effect.rank <= other.effect.rank
        case _:
            return False


def _no_earlier(one: Sum, other: Sum) -> bool:
    return same_unit(one, other) and one.units >= other.units


def _limits(first: Numbered, second: Numbered) -> None:
    for (number, one), (_, other) in ((second, first), (first, second)):
        assert isinstance(one, Limit)
        assert isinstance(other, Limit)
        if not same_unit(one.at_most, other.at_most) or not covers(other, one):
            continue
        looser = one.at_most.units >= other.at_most.units
        if looser and _length(one) <= _length(other) and {one.window, other.window} != {"day", "rolling"}:
            raise wrong(
                f"rules.{number}.at_most",
                f"can never be what decides: {other.id!r} allows {other.at_most.units} in no shorter a time",
            )


def _length(limit: Limit) -> int:
    return {"payment": 0, "day": 86_400, "rolling": limit.seconds}[limit.window]


def _recipients(one: Recipients, other: Recipients, number: int) -> None:
    common: Sequence[AccountId] = sorted(one.accounts & other.accounts, key=str)
    if one.mode != other.mode and common:
        raise wrong(f"rules.{number}.accounts", f"{common[0]} is both allowed and never paid")
    if one.mode == other.mode == "only" and not common and (not one.chains or one.chains == other.chains):
        raise wrong(f"rules.{number}.accounts", f"nobody is on both this list and {one.id!r}: nobody could be paid")


def minutes_of(rule: Hours) -> set[tuple[int, int]]:
    """Weekday and minute of the day."""
    return {(day, minute) for span in rule.spans for day in span.days for minute in span.minutes}


def _amount(rule: AnyRule) -> Sum | None:
    match rule:
        case Limit(at_most=one) | Approval(above=one) | SecondFactor(above=one):
            return one
        case Cooling(above=above):
            return above
        case _:
            return None


def same_unit(one: Sum, other: Sum) -> bool:
    """Whether two sums can be compared."""
    return one.unit == other.unit


def covers(wide: AnyRule, narrow: AnyRule) -> bool:
    """Whether one rule applies wherever the other does."""
    return not wide.chains or (bool(narrow.chains) and narrow.chains <= wide.chains)


def _share_a_chain(one: AnyRule, other: AnyRule, chains: Collection[ChainId]) -> bool:
    return any(one.is_of(chain) and other.is_of(chain) for chain in chains)
