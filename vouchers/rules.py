"""The rules of a campaign: the rule document as checked values, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from chains.campaign import TransferPolicy
from codec.canonical_json import MAX_SAFE_INTEGER
from codec.rule_document import RULE_SCHEMA
from primitives.account_id import AccountId
from primitives.asset import Asset, AssetId
from primitives.chain_id import ChainId
from primitives.currency import Money
from primitives.errors import InvalidTerms, QuanbaoError

RULES_VERSION = 1
"""The version of rules.md that new campaigns are priced by; older versions stay runnable."""

MAX_TITLE_LENGTH = 80

_Choice = TypeVar("_Choice", bound=StrEnum)


class VoucherKind(StrEnum):
    THRESHOLD = "threshold"
    """满减: take `amount_off` from `min_spend` on, with `per_each` once for each full `min_spend`."""
    PERCENT = "percent"
    """折扣: `percent_bp` basis points off, capped."""
    CASH = "cash"
    """代金: `amount_off` up to what is left."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What one voucher takes off, in minor units; fields that the kind does not have are None.

    Attributes:
        min_spend: Smallest eligible subtotal before any voucher; 0 for no threshold.
        percent_bp: Basis points off, 1–10,000.
        max_off: Most that one voucher takes off.
    """

    min_spend: int = 0
    amount_off: int | None = None
    per_each: bool = False
    percent_bp: int | None = None
    max_off: int | None = None

    @property
    def most(self) -> int:
        """The largest discount that one voucher can give."""
        most = self.max_off if self.max_off is not None else self.amount_off
        assert most is not None
        return most


@dataclass(frozen=True, slots=True)
class Eligibility:
    """Which lines count. None means no limit, an empty set means closed."""

    merchants: frozenset[str] | None
    stores: frozenset[str] | None = None
    categories: frozenset[str] | None = None
    skus: frozenset[str] | None = None
    excluded_skus: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Stacking:
    """How the campaign combines: its group, the groups that it consents to, and its place in the order."""

    group: str
    consents: frozenset[str]
    priority: int = 100


@dataclass(frozen=True, slots=True)
class LaneRules:
    """One chain's part of the campaign. `max_payout` and `units_per_minor` in base units of `settlement`."""

    lane: int
    chain: ChainId
    cap: int
    issuer: AccountId
    funder: AccountId
    merchants: tuple[AccountId, ...]
    settlement: Asset
    max_payout: int
    units_per_minor: int


@dataclass(frozen=True, slots=True)
class RuleDocument:
    """Immutable terms. `valid_from` and `valid_until`: Unix seconds of block time, half-open; `zone` names the IANA
    zone in which people wrote them. `per_holder`: vouchers per account, None for no limit."""

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

    def __post_init__(self) -> None:
        if not 0 < len(self.title.strip()) <= MAX_TITLE_LENGTH:
            raise InvalidTerms(f"a title has 1 to {MAX_TITLE_LENGTH} characters", field="title")
        _check_currency(self.currency)
        _check_effect(self.kind, self.effect)
        if not 0 <= self.valid_from < self.valid_until < 2**40:
            raise InvalidTerms("valid_until must be after valid_from", field="window.valid_until")
        _check_zone(self.zone)
        if not 0 < self.cap < 2**47:
            raise InvalidTerms("the cap must be at least 1 and below 2^47", field="cap")
        if self.per_holder is not None and self.per_holder < 1:
            raise InvalidTerms("per_holder must be at least 1, or null for no limit", field="per_holder")
        if not 0 <= self.sponsor_bp <= 10_000:
            raise InvalidTerms("sponsor_bp must be 0 to 10,000", field="sponsor_bp")
        if self.rules_version != RULES_VERSION:
            raise InvalidTerms(f"rules version {self.rules_version} is not known here", field="rules_version")
        self._check_lanes()

    def _check_lanes(self) -> None:
        if not self.lanes:
            raise InvalidTerms("a campaign needs at least one chain", field="lanes")
        if sum(lane.cap for lane in self.lanes) != self.cap:
            raise InvalidTerms("the lanes' caps must sum to the campaign's cap", field="lanes")
        for what in ("lane", "chain"):
            if len({getattr(lane, what) for lane in self.lanes}) != len(self.lanes):
                raise InvalidTerms(f"two lanes have the same {what}", field="lanes")
        for lane in self.lanes:
            place = f"lanes[{lane.lane}]"
            if not 0 <= lane.lane < 256 or lane.cap < 1:
                raise InvalidTerms("a lane has a number of 0 to 255 and a cap of at least 1", field=place)
            if lane.max_payout < 0 or lane.units_per_minor < 1:
                raise InvalidTerms("max_payout and units_per_minor are not negative or zero", field=place)
            accounts = (lane.issuer, lane.funder, *lane.merchants)
            if not lane.merchants or any(account.chain != lane.chain for account in accounts):
                raise InvalidTerms("a lane names a merchant, and only accounts of its own chain", field=place)
            if lane.settlement.id.chain != lane.chain:
                raise InvalidTerms("the settlement asset must lie on the lane's chain", field=place)

    def lane_of(self, chain: ChainId) -> LaneRules:
        """Raises InvalidTerms when the campaign is not on this chain."""
        for lane in self.lanes:
            if lane.chain == chain:
                return lane
        raise InvalidTerms(f"the campaign has no lane on {chain}", field="chain", chain=str(chain))

    def to_document(self) -> dict[str, Any]:
        """The JSON object whose canonical bytes are hashed."""
        return {
            "schema": RULE_SCHEMA,
            "rules_version": self.rules_version,
            "title": self.title,
            "kind": self.kind.value,
            "effect": _effect_to_document(self.kind, self.effect),
            "currency": self.currency,
            "window": {"valid_from": self.valid_from, "valid_until": self.valid_until, "zone": self.zone},
            "cap": self.cap,
            "per_holder": self.per_holder,
            "eligible": {
                "merchants": _sorted_or_none(self.eligible.merchants),
                "stores": _sorted_or_none(self.eligible.stores),
                "categories": _sorted_or_none(self.eligible.categories),
                "skus": _sorted_or_none(self.eligible.skus),
                "excluded_skus": sorted(self.eligible.excluded_skus),
            },
            "stacking": {
                "group": self.stacking.group,
                "consents": sorted(self.stacking.consents),
                "priority": self.stacking.priority,
            },
            "sponsor_bp": self.sponsor_bp,
            "transfer": self.transfer.value,
            "lanes": [_lane_to_document(lane) for lane in self.lanes],
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> RuleDocument:
        """Read a rule document; a missing or unknown field is refused.

        Raises:
            InvalidTerms: `field` names the place.
        """
        root = _Fields(document, "")
        if root.text("schema") != RULE_SCHEMA:
            raise InvalidTerms(f"a rule document says schema {RULE_SCHEMA!r}", field="schema")
        kind = root.choice("kind", VoucherKind)
        window, eligible, stacking = root.object("window"), root.object("eligible"), root.object("stacking")
        rules = cls(
            rules_version=root.integer("rules_version"),
            title=root.text("title"),
            kind=kind,
            effect=_effect_from_document(kind, root.object("effect")),
            currency=root.text("currency"),
            valid_from=window.integer("valid_from"),
            valid_until=window.integer("valid_until"),
            zone=window.text("zone"),
            cap=root.integer("cap"),
            per_holder=root.optional_integer("per_holder"),
            eligible=Eligibility(
                merchants=eligible.optional_set("merchants"),
                stores=eligible.optional_set("stores"),
                categories=eligible.optional_set("categories"),
                skus=eligible.optional_set("skus"),
                excluded_skus=eligible.optional_set("excluded_skus") or frozenset(),
            ),
            stacking=Stacking(
                group=stacking.text("group"),
                consents=stacking.optional_set("consents") or frozenset(),
                priority=stacking.integer("priority"),
            ),
            sponsor_bp=root.integer("sponsor_bp"),
            transfer=root.choice("transfer", TransferPolicy),
            lanes=tuple(_lane_from_document(item) for item in root.objects("lanes")),
        )
        for fields in (root, window, eligible, stacking):
            fields.require_no_more()
        return rules


class _Fields:
    """Reads the fields of one JSON object and names the place of whatever is wrong."""

    def __init__(self, data: object, path: str) -> None:
        if not isinstance(data, Mapping):
            raise InvalidTerms(f"{path or 'a rule document'} must be a JSON object", field=path)
        self._data = data
        self._path = path
        self._seen: set[str] = set()

    def _at(self, name: str) -> str:
        return f"{self._path}.{name}" if self._path else name

    def _take(self, name: str) -> Any:
        self._seen.add(name)
        if name not in self._data:
            raise InvalidTerms(f"{self._at(name)} is missing", field=self._at(name))
        return self._data[name]

    def text(self, name: str) -> str:
        value = self._take(name)
        if not isinstance(value, str):
            raise InvalidTerms(f"{self._at(name)} must be text", field=self._at(name))
        return value

    def integer(self, name: str) -> int:
        value = self._take(name)
        if type(value) is not int or abs(value) > MAX_SAFE_INTEGER:
            raise InvalidTerms(f"{self._at(name)} must be an integer of at most 53 bits", field=self._at(name))
        return value

    def big_integer(self, name: str) -> int:
        value = self.text(name)
        if not value.isascii() or not value.isdigit() or (value != "0" and value.startswith("0")):
            raise InvalidTerms(f"{self._at(name)} must be a decimal string", field=self._at(name))
        return int(value)

    def optional_integer(self, name: str) -> int | None:
        return None if self._take(name) is None else self.integer(name)

    def flag(self, name: str) -> bool:
        value = self._take(name)
        if not isinstance(value, bool):
            raise InvalidTerms(f"{self._at(name)} must be true or false", field=self._at(name))
        return value

    def choice(self, name: str, options: type[_Choice]) -> _Choice:
        value = self.text(name)
        try:
            return options(value)
        except ValueError as error:
            known = ", ".join(option.value for option in options)
            raise InvalidTerms(
                f"{self._at(name)} is {value!r}: expected one of {known}", field=self._at(name)
            ) from error

    def optional_set(self, name: str) -> frozenset[str] | None:
        value = self._take(name)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise InvalidTerms(f"{self._at(name)} must be null or a list of text", field=self._at(name))
        if value != sorted(set(value)):
            raise InvalidTerms(f"{self._at(name)} must be sorted, without repeats", field=self._at(name))
        return frozenset(value)

    def texts(self, name: str) -> list[str]:
        value = self._take(name)
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise InvalidTerms(f"{self._at(name)} must be a list of text", field=self._at(name))
        return value

    def object(self, name: str) -> _Fields:
        return _Fields(self._take(name), self._at(name))

    def objects(self, name: str) -> list[_Fields]:
        value = self._take(name)
        if not isinstance(value, list):
            raise InvalidTerms(f"{self._at(name)} must be a list", field=self._at(name))
        return [_Fields(item, f"{self._at(name)}[{index}]") for index, item in enumerate(value)]

    def require_no_more(self) -> None:
        for name in self._data:
            if name not in self._seen:
                raise InvalidTerms(f"{self._at(name)} is not a field of a rule document", field=self._at(name))


def _check_currency(currency: str) -> None:
    try:
        Money(0, currency)
    except QuanbaoError as error:
        raise InvalidTerms(error.message, field="currency") from error


def _check_zone(zone: str) -> None:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidTerms(f"{zone!r} is not an IANA time zone", field="window.zone") from error


def _check_effect(kind: VoucherKind, effect: Effect) -> None:
    def positive(name: str) -> None:
        value = getattr(effect, name)
        if value is None or not 0 < value < 2**53:
            raise InvalidTerms(f"{kind.value} needs {name} above zero", field=f"effect.{name}")

    def absent(*names: str) -> None:
        for name in names:
            if getattr(effect, name) not in (None, False):
                raise InvalidTerms(f"{kind.value} has no {name}", field=f"effect.{name}")

    if not 0 <= effect.min_spend < 2**53:
        raise InvalidTerms("min_spend must not be negative", field="effect.min_spend")
    match kind:
        case VoucherKind.THRESHOLD:
            absent("percent_bp")
            positive("min_spend")
            positive("amount_off")
            if effect.per_each:
                positive("max_off")
            else:
                absent("max_off")
            if effect.amount_off is not None and effect.amount_off > effect.min_spend:
                raise InvalidTerms("amount_off must not be above min_spend", field="effect.amount_off")
        case VoucherKind.PERCENT:
            absent("amount_off", "per_each")
            positive("percent_bp")
            if effect.percent_bp is not None and effect.percent_bp > 10_000:
                raise InvalidTerms("percent_bp is at most 10,000", field="effect.percent_bp")
            positive("max_off")
        case VoucherKind.CASH:
            absent("percent_bp", "per_each", "max_off")
            positive("amount_off")


_EFFECT_FIELDS = {
    VoucherKind.THRESHOLD: ("min_spend", "amount_off", "per_each", "max_off"),
    VoucherKind.PERCENT: ("min_spend", "percent_bp", "max_off"),
    VoucherKind.CASH: ("min_spend", "amount_off"),
}


def _effect_to_document(kind: VoucherKind, effect: Effect) -> dict[str, Any]:
    return {name: getattr(effect, name) for name in _EFFECT_FIELDS[kind]}


def _effect_from_document(kind: VoucherKind, fields: _Fields) -> Effect:
    values: dict[str, Any] = {}
    for name in _EFFECT_FIELDS[kind]:
        values[name] = fields.flag(name) if name == "per_each" else fields.optional_integer(name)
    if values["min_spend"] is None:
        raise InvalidTerms("effect.min_spend is 0 for no threshold, never null", field="effect.min_spend")
    fields.require_no_more()
    return Effect(**values)


def _lane_to_document(lane: LaneRules) -> dict[str, Any]:
    return {
        "lane": lane.lane,
        "chain": str(lane.chain),
        "cap": lane.cap,
        "issuer": str(lane.issuer),
        "funder": str(lane.funder),
        "merchants": [str(account) for account in lane.merchants],
        "settlement": {
            "asset": str(lane.settlement.id),
            "symbol": lane.settlement.symbol,
            "decimals": lane.settlement.decimals,
        },
        "max_payout": str(lane.max_payout),
        "units_per_minor": str(lane.units_per_minor),
    }


def _lane_from_document(fields: _Fields) -> LaneRules:
    settlement = fields.object("settlement")
    try:
        lane = LaneRules(
            lane=fields.integer("lane"),
            chain=ChainId.parse(fields.text("chain")),
            cap=fields.integer("cap"),
            issuer=AccountId.parse(fields.text("issuer")),
            funder=AccountId.parse(fields.text("funder")),
            merchants=tuple(AccountId.parse(text) for text in fields.texts("merchants")),
            settlement=Asset(
                AssetId.parse(settlement.text("asset")), settlement.text("symbol"), settlement.integer("decimals")
            ),
            max_payout=fields.big_integer("max_payout"),
            units_per_minor=fields.big_integer("units_per_minor"),
        )
    except InvalidTerms:
        raise
    except QuanbaoError as error:
        raise InvalidTerms(f"lanes: {error.message}", field="lanes") from error
    settlement.require_no_more()
    fields.require_no_more()
    return lane


def _sorted_or_none(values: frozenset[str] | None) -> list[str] | None:
    return None if values is None else sorted(values)
