"""From what an organisation decides to the rule document: accounts, lanes and escrow follow from it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from people.organisations.sql import organisation_by_id
from persistence.database import Database
from primitives.account_id import AccountId
from primitives.chain_id import ChainId
from primitives.errors import InvalidTerms, UnknownAsset
from primitives.signing import KeyPurpose
from vouchers.campaigns.model import DraftTerms
from vouchers.gifts.sql import gifts_of
from vouchers.ports import Accounts, Settlement
from vouchers.rules import FULL_SHARE, ClaimWay, Eligibility, LaneRules, RuleDocument, VoucherKind, impossible

LANE_OF_FAMILY = {"eip155": 0, "solana": 1}


class Drafting:
    """Makes and checks rule documents. Changes nothing but for accounts of organisations that exist."""

    def __init__(
        self, database: Database, accounts: Accounts, settlements: Mapping[ChainId, Sequence[Settlement]]
    ) -> None:
        self._database = database
        self._accounts = accounts
        self._settlements = settlements

    async def rules(self, tenant_id: UUID, terms: DraftTerms) -> RuleDocument:
        """Raises InvalidTerms with the field, UnknownAsset."""
        named = terms.eligible.merchants
        # The rules name who accepts the vouchers, so that pricing alone can tell; the chain lists the same merchants.
        eligible = replace(terms.eligible, merchants=frozenset({str(tenant_id)}) if named is None else named)
        await self._require_known((eligible.merchants or frozenset()) - {str(tenant_id)}, "eligible.merchants")
        await self._require_known({share.organisation for share in terms.sponsors} - {str(tenant_id)}, "sponsors")
        both = (eligible.skus or frozenset()) & eligible.excluded_skus
        if both:
            raise impossible(f"{', '.join(sorted(both))} is both eligible and excluded", "eligible.excluded_skus")
        await self._require_gift(tenant_id, terms)
        lanes = [await self._lane(tenant_id, terms, eligible, chain, cap) for chain, cap in terms.caps.items()]
        lanes.sort(key=lambda lane: lane.lane)
        return RuleDocument(
            title=terms.title,
            kind=terms.kind,
            effect=terms.effect,
            currency=terms.currency,
            valid_from=terms.valid_from,
            valid_until=terms.valid_until,
            zone=terms.zone,
            cap=sum(terms.caps.values()) if terms.caps else terms.points_cap or 0,
            per_holder=terms.per_holder,
            eligible=eligible,
            stacking=terms.stacking,
            sponsor_bp=terms.sponsor_bp,
            transfer=terms.transfer,
            lanes=tuple(lanes),
            base=terms.base,
            claim_until=terms.claim_until,
            limits=terms.limits,
            claim=terms.claim,
            sponsors=terms.sponsors,
            refund=terms.refund,
            powers=terms.powers,
            payout=terms.payout,
        )

    async def _require_gift(self, tenant_id: UUID, terms: DraftTerms) -> None:
        """A gift comes from the shop's own catalogue."""
        if terms.kind is not VoucherKind.GIFT or not terms.effect.sku:
            return
        async with self._database.transaction() as tx:
            known = await gifts_of(tx, tenant_id, [terms.effect.sku])
        if not known:
            raise impossible(f"the gift catalogue has no {terms.effect.sku!r}: add it first", "effect.sku")
        if known[0].currency != terms.currency:
            raise impossible(f"the gift {terms.effect.sku!r} has its price in {known[0].currency}", "currency")

    async def _lane(
        self, tenant_id: UUID, terms: DraftTerms, eligible: Eligibility, chain: ChainId, cap: int
    ) -> LaneRules:
        if terms.kind is VoucherKind.POINTS:
            raise impossible("points are a ledger of the shop, on no chain: name no lanes, and points_cap", "lanes")
        settlement = self._settlement(chain, terms.currency)
        issuer = await self._accounts.service_account(tenant_id, KeyPurpose.ISSUER, chain)
        treasury = await self._accounts.service_account(tenant_id, KeyPurpose.TREASURY, chain)
        effect = terms.effect
        most = next((one for one in (effect.max_off, effect.amount_off, effect.balance) if one is not None), None)
        if most is None:
            raise InvalidTerms("say how much one voucher takes off at most", field="effect.max_off")
        tickets = ClaimWay.TICKET in terms.claim.ways and chain.family == "eip155"
        return LaneRules(
            lane=LANE_OF_FAMILY[chain.family],
            chain=chain,
            cap=cap,
            issuer=issuer.account,
            funder=treasury.account,
            merchants=await self._merchants(eligible, chain),
            settlement=settlement.asset,
            # Rounded up, so that the cap never cuts off a fraction that the share rule would pay.
            max_payout=-(-most * settlement.units_per_minor * terms.sponsor_bp // FULL_SHARE),
            units_per_minor=settlement.units_per_minor,
            ticket_signer=issuer.account if tickets else None,
        )

    async def _require_known(self, organisations: Collection[str], field: str) -> None:
        for text in sorted(organisations):
            async with self._database.transaction() as tx:
                if await organisation_by_id(tx, organisation_of(text, field)) is None:
                    raise impossible(f"there is no organisation {text}", field)

    async def _merchants(self, eligible: Eligibility, chain: ChainId) -> tuple[AccountId, ...]:
        accounts = []
        for text in sorted(eligible.merchants or ()):
            organisation = organisation_of(text, "eligible.merchants")
            treasury = await self._accounts.service_account(organisation, KeyPurpose.TREASURY, chain)
            accounts.append(treasury.account)
        return tuple(accounts)

    def _settlement(self, chain: ChainId, currency: str) -> Settlement:
        for settlement in self._settlements.get(chain, ()):
            if settlement.currency == currency:
                return settlement
        raise UnknownAsset(f"nothing on {chain} settles {currency}", chain=str(chain), currency=currency)


def organisation_of(text: str, field: str) -> UUID:
    """Raises InvalidTerms."""
    try:
        return UUID(text)
    except ValueError as error:
        raise impossible(f"{text!r} is not an organisation's id", field) from error


def partners_in(rules: RuleDocument, drafted_by: UUID) -> Mapping[UUID, int]:
    """Other organisations that the rules name, and what each bears of a discount, in basis points: merchants at their
    own till what no sponsor bears, sponsors their share of what the sponsors bear."""
    shares: dict[UUID, int] = {}
    for text in sorted(rules.eligible.merchants or ()):
        shares[UUID(text)] = FULL_SHARE - rules.sponsor_bp
    for one in rules.sponsors:
        organisation = UUID(one.organisation)
        shares[organisation] = min(
            FULL_SHARE, shares.get(organisation, 0) + rules.sponsor_bp * one.share_bp // FULL_SHARE
        )
    return {organisation: share for organisation, share in shares.items() if organisation != drafted_by}
