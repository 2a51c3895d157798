"""The rule document of a campaign as checked values, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chains.campaign import CampaignPower, TransferPolicy
from codec.rule_document import RULE_SCHEMA
from primitives.chain_id import ChainId
from primitives.currency import Money
from primitives.errors import QuanbaoError
from vouchers.rules.effects import check_base, check_effect, effect_from_document, effect_to_document
from vouchers.rules.fields import Fields, impossible
from vouchers.rules.lanes import check_lane_terms, check_lanes, lane_from_document, lane_to_document
from vouchers.rules.moments import zone_of
from vouchers.rules.terms import (
    EXCLUSIVE,
    FULL_SHARE,
    JOINT,
    MAX_PER_ORDER,
    OF_LEVELS,
    Base,
    ClaimTerms,
    ClaimWay,
    Effect,
    Eligibility,
    GiftReturn,
    LaneRules,
    LimitEntity,
    LimitPeriod,
    Payout,
    PowerTerms,
    RedemptionLimit,
    RefundPolicy,
    RefundTerms,
    SponsorShare,
    Stacking,
    VoucherKind,
)

RULES_VERSION = 1
"""The version of docs/rules.md that new campaigns are priced by; older versions stay runnable."""

MAX_TITLE_LENGTH = 80
MAX_SPONSORS = 8
_MAX_CAP = 2**47
_MAX_SECONDS = 2**32
"""Of refund windows and pauses: the contract keeps them in 32 bits."""

_LISTED = ClaimTerms()
_NO_RETURN = RefundTerms()
_NO_POWERS = PowerTerms()


@dataclass(frozen=True, slots=True)
class RuleDocument:
    """Immutable terms; docs/rule-document.md describes every field.

    Attributes:
        valid_from, valid_until: Unix seconds of block time, half-open; `zone` names the IANA zone in which people wrote
            them.
        claim_until: First second in which vouchers can no longer be claimed; None: `valid_until`.
        cap: Most vouchers ever issued, over all chains; of points, most points ever earned.
        per_holder: Vouchers per account, None for no limit.
        limits: Redemptions per entity and period.
        sponsor_bp: The sponsors' share of a discount in basis points; the merchant bears the rest.
        sponsors: How the sponsors' share is split; empty: the drafting organisation bears it alone.
    """

    title: str
    kind: VoucherKind
    effect: Effect
    currency: str
    valid_from: int
    valid_until: int
    zone: str
    cap: int
    per_holder: int | None
    eligible: Eligibility
    stacking: Stacking
    sponsor_bp: int
    transfer: TransferPolicy
    lanes: tuple[LaneRules, ...]
    rules_version: int = RULES_VERSION
    base: Base = Base.RUNNING
    claim_until: int | None = None
    limits: tuple[RedemptionLimit, ...] = ()
    claim: ClaimTerms = _LISTED
    sponsors: tuple[SponsorShare, ...] = ()
    refund: RefundTerms = _NO_RETURN
    powers: PowerTerms = _NO_POWERS
    payout: Payout = Payout.IMMEDIATE

    def __post_init__(self) -> None:
        if not 0 < len(self.title.strip()) <= MAX_TITLE_LENGTH:
            raise impossible(f"a title has 1 to {MAX_TITLE_LENGTH} characters", "title")
        _check_currency(self.currency)
        check_effect(self.kind, self.effect)
        check_base(self.kind, self.base)
        self._check_window()
        if not self.lanes and self.kind is not VoucherKind.POINTS:
            raise impossible("a campaign needs at least one chain", "lanes")
        if not 0 < self.cap < _MAX_CAP:
            raise impossible("the cap must be at least 1 and below 2^47", "cap")
        self._check_counts()
        self._check_stacking()
        self._check_sponsors()
        self._check_refund()
        self._check_powers()
        if self.kind in (VoucherKind.GIFT, VoucherKind.POINTS) and len(self.eligible.merchants or ()) != 1:
            raise impossible(f"{self.kind.value} is of one shop: name exactly one merchant", "eligible.merchants")
        if self.rules_version != RULES_VERSION:
            raise impossible(f"rules version {self.rules_version} is not known here", "rules_version")
        check_lanes(self.kind, self.effect, self.cap, self.sponsor_bp, self.lanes)
        check_lane_terms(self.lanes, self.claim.ways, self.powers.declared, self.payout)

    def _check_window(self) -> None:
        if not 0 <= self.valid_from < self.valid_until < 2**40:
            raise impossible("valid_until must be after valid_from", "window.valid_until")
        if self.claim_until is not None and not self.valid_from < self.claim_until <= self.valid_until:
            raise impossible("claim_until lies after valid_from and not after valid_until", "window.claim_until")
        zone_of(self.zone)

    def _check_counts(self) -> None:
        if self.per_holder is not None and self.per_holder < 1:
            raise impossible("per_holder must be at least 1, or null for no limit", "per_holder")
        if self.claim.per_identity is not None and self.claim.per_identity < 1:
            raise impossible("per_identity must be at least 1, or null for no limit", "claim.per_identity")
        if self.claim.count_on_chain and not 0 < (self.per_holder or 0) < 2**16:
            raise impossible("the contract counts a per_holder of 1 to 65,535", "claim.count_on_chain")
        if not self.claim.ways and self.kind is not VoucherKind.POINTS:
            raise impossible("name at least one way in which vouchers are given out", "claim.ways")
        seen = set()
        for index, limit in enumerate(self.limits):
            if limit.count < (0 if limit.entity.of_level else 1):
                raise impossible("a limit is at least 1: leave it out for none", f"limits[{index}].count")
            if (limit.entity, limit.period) in seen:
                raise impossible("this limit stands twice", f"limits[{index}]")
            seen.add((limit.entity, limit.period))
        shut_out = {limit.entity for limit in self.limits if limit.count == 0}
        if shut_out == set(OF_LEVELS):
            raise impossible("holders of every level are shut out: nobody could redeem", "limits")

    def _check_stacking(self) -> None:
        stacking = self.stacking
        if not stacking.group:
            raise impossible("name the stacking group", "stacking.group")
        for name in ("max_per_order", "per_campaign"):
            if not 1 <= getattr(stacking, name) <= MAX_PER_ORDER:
                raise impossible(f"{name} is 1 to {MAX_PER_ORDER}", f"stacking.{name}")
        if stacking.per_campaign > stacking.max_per_order:
            raise impossible("per_campaign is not above max_per_order", "stacking.per_campaign")
        itself = stacking.group == JOINT or (stacking.group != EXCLUSIVE and stacking.group in stacking.consents)
        if stacking.per_campaign > 1 and not itself:
            raise impossible(
                "several vouchers of one campaign need a group that consents to itself", "stacking.consents"
            )
        if stacking.group == EXCLUSIVE and stacking.consents:
            raise impossible("exclusive consents to none", "stacking.consents")

    def _check_sponsors(self) -> None:
        if not 0 <= self.sponsor_bp <= FULL_SHARE:
            raise impossible("sponsor_bp must be 0 to 10,000", "sponsor_bp")
        if not self.sponsors:
            return
        if self.sponsor_bp == 0:
            raise impossible("sponsors without a share to bear", "sponsor_bp")
        if len(self.sponsors) > MAX_SPONSORS:
            raise impossible(f"at most {MAX_SPONSORS} sponsors", "sponsors")
        for index, share in enumerate(self.sponsors):
            if not share.organisation or not 0 < share.share_bp <= FULL_SHARE:
                raise impossible("a sponsor is an organisation with a share above zero", f"sponsors[{index}]")
        names = [share.organisation for share in self.sponsors]
        if len(set(names)) != len(names):
            raise impossible("a sponsor stands twice", "sponsors")
        if sum(share.share_bp for share in self.sponsors) != FULL_SHARE:
            raise impossible("the sponsors' shares must sum to 10,000", "sponsors")

    def _check_refund(self) -> None:
        if not 0 <= self.refund.window_seconds < _MAX_SECONDS:
            raise impossible("a refund window is 0 to 2^32-1 seconds", "refund.window_seconds")
        if (self.refund.gift is not None) != (self.kind is VoucherKind.GIFT):
            raise impossible("a gift campaign, and no other, says what becomes of a returned gift", "refund.gift")

    def _check_powers(self) -> None:
        pause = CampaignPower.PAUSE in self.powers.declared
        seconds = self.powers.max_pause_seconds
        if not 0 <= seconds < _MAX_SECONDS or pause != (seconds > 0):
            raise impossible(
                "max_pause_seconds is above zero exactly where pause is declared", "powers.max_pause_seconds"
            )
        if self.kind is VoucherKind.POINTS:
            self._check_programme()

    def _check_programme(self) -> None:
        """A points programme is a ledger of one shop; terms of tokens say nothing about it."""
        if self.powers.declared:
            raise impossible("points are on no chain: there are no powers there", "powers.declared")
        if self.claim.ways or self.claim.per_identity is not None or self.per_holder is not None:
            raise impossible("points are earned, not claimed", "claim.ways")
        if self.sponsor_bp or self.limits:
            raise impossible("points are borne by the shop that gives them", "sponsor_bp")
        if self.transfer is not TransferPolicy.BOUND:
            raise impossible("points stay with whom earned them", "transfer")

    @property
    def claimable_until(self) -> int:
        """The first second of block time in which nothing can be claimed any more."""
        return self.valid_until if self.claim_until is None else self.claim_until

    def lane_of(self, chain: ChainId) -> LaneRules:
        """Raises InvalidTerms when the campaign is not on this chain."""
        for lane in self.lanes:
            if lane.chain == chain:
                return lane
        raise impossible(f"the campaign has no lane on {chain}", "chain", chain=str(chain))

    def to_document(self) -> dict[str, Any]:
        """The JSON object whose canonical bytes are hashed."""
        eligible, stacking = self.eligible, self.stacking
        return {
            "schema": RULE_SCHEMA,
            "rules_version": self.rules_version,
            "title": self.title,
            "kind": self.kind.value,
            "effect": effect_to_document(self.kind, self.effect),
            "base": self.base.value,
            "currency": self.currency,
            "window": {
                "valid_from": self.valid_from,
                "valid_until": self.valid_until,
                "claim_until": self.claim_until,
                "zone": self.zone,
            },
            "cap": self.cap,
            "per_holder": self.per_holder,
            "limits": [
                {"entity": limit.entity.value, "period": limit.period.value, "count": limit.count}
                for limit in self.limits
            ],
            "claim": {
                "ways": sorted(way.value for way in self.claim.ways),
                "per_identity": self.claim.per_identity,
                "count_on_chain": self.claim.count_on_chain,
            },
            "eligible": {
                "merchants": _sorted_or_none(eligible.merchants),
                "stores": _sorted_or_none(eligible.stores),
                "categories": _sorted_or_none(eligible.categories),
                "skus": _sorted_or_none(eligible.skus),
                "excluded_skus": sorted(eligible.excluded_skus),
            },
            "stacking": {
                "group": stacking.group,
                "consents": sorted(stacking.consents),
                "priority": stacking.priority,
                "max_per_order": stacking.max_per_order,
                "per_campaign": stacking.per_campaign,
            },
            "sponsor_bp": self.sponsor_bp,
            "sponsors": [{"organisation": share.organisation, "share_bp": share.share_bp} for share in self.sponsors],
            "transfer": self.transfer.value,
            "refund": {
                "policy": self.refund.policy.value,
                "window_seconds": self.refund.window_seconds,
                "gift": None if self.refund.gift is None else self.refund.gift.value,
            },
            "powers": {
                "declared": sorted(power.value for power in self.powers.declared),
                "max_pause_seconds": self.powers.max_pause_seconds,
            },
            "payout": self.payout.value,
            "lanes": [lane_to_document(lane) for lane in self.lanes],
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> RuleDocument:
        """Read a rule document; a missing or unknown field is refused.

        Raises:
            InvalidTerms: `field` and `pointer` (RFC 6901) name the place.
        """
        root = Fields(document, "")
        if root.text("schema") != RULE_SCHEMA:
            raise impossible(f"a rule document says schema {RULE_SCHEMA!r}", "schema")
        kind = root.choice("kind", VoucherKind)
        window = root.object("window")
        rules = cls(
            rules_version=root.integer("rules_version"),
            title=root.text("title"),
            kind=kind,
            effect=effect_from_document(kind, root.object("effect")),
            base=root.choice("base", Base),
            currency=root.text("currency"),
            valid_from=window.integer("valid_from"),
            valid_until=window.integer("valid_until"),
            claim_until=window.optional_integer("claim_until"),
            zone=window.text("zone"),
            cap=root.integer("cap"),
            per_holder=root.optional_integer("per_holder"),
            limits=tuple(_limit(item) for item in root.objects("limits")),
            claim=_claim(root.object("claim")),
            eligible=_eligible(root.object("eligible")),
            stacking=_stacking(root.object("stacking")),
            sponsor_bp=root.integer("sponsor_bp"),
            sponsors=tuple(_sponsor(item) for item in root.objects("sponsors")),
            transfer=root.choice("transfer", TransferPolicy),
            refund=_refund(root.object("refund")),
            powers=_powers(root.object("powers")),
            payout=root.choice("payout", Payout),
            lanes=tuple(lane_from_document(item) for item in root.objects("lanes")),
        )
        for fields in (root, window):
            fields.require_no_more()
        return rules


def _limit(fields: Fields) -> RedemptionLimit:
    read = RedemptionLimit(
        fields.choice("entity", LimitEntity), fields.choice("period", LimitPeriod), fields.integer("count")
    )
    fields.require_no_more()
    return read


def _claim(fields: Fields) -> ClaimTerms:
    read = ClaimTerms(
        fields.choices("ways", ClaimWay), fields.optional_integer("per_identity"), fields.flag("count_on_chain")
    )
    fields.require_no_more()
    return read


def _eligible(fields: Fields) -> Eligibility:
    read = Eligibility(
        merchants=fields.optional_set("merchants"),
        stores=fields.optional_set("stores"),
        categories=fields.optional_set("categories"),
        skus=fields.optional_set("skus"),
        excluded_skus=frozenset(fields.sorted_texts("excluded_skus")),
    )
    fields.require_no_more()
    return read


def _stacking(fields: Fields) -> Stacking:
    read = Stacking(
        group=fields.text("group"),
        consents=frozenset(fields.sorted_texts("consents")),
        priority=fields.integer("priority"),
        max_per_order=fields.integer("max_per_order"),
        per_campaign=fields.integer("per_campaign"),
    )
    fields.require_no_more()
    return read


def _sponsor(fields: Fields) -> SponsorShare:
    read = SponsorShare(fields.text("organisation"), fields.integer("share_bp"))
    fields.require_no_more()
    return read


def _refund(fields: Fields) -> RefundTerms:
    read = RefundTerms(
        fields.choice("policy", RefundPolicy),
        fields.integer("window_seconds"),
        fields.optional_choice("gift", GiftReturn),
    )
    fields.require_no_more()
    return read


def _powers(fields: Fields) -> PowerTerms:
    read = PowerTerms(fields.choices("declared", CampaignPower), fields.integer("max_pause_seconds"))
    fields.require_no_more()
    return read


def _check_currency(currency: str) -> None:
    try:
        Money(0, currency)
    except QuanbaoError as error:
        raise impossible(error.message, "currency") from error


def _sorted_or_none(values: frozenset[str] | None) -> list[str] | None:
    return None if values is None else sorted(values)
