"""What issuer and funder do with a campaign of the book after its launch, and how its promises are claimed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from chains.campaign import CampaignPower, CampaignState, CampaignTerms, ClaimTicket, DropClaim, IssuerPower
from chains.intent import ContractCall, Intent
from codec.evm import erc20
from codec.evm.book import answers, calls
from codec.evm.book.interface import contract_signature
from codec.evm.claim_ticket import ticket_json
from primitives.account_id import AccountId
from primitives.asset import MAX_BASE_UNITS, AssetId
from primitives.chain_id import ChainId
from primitives.errors import CampaignNotActive, CampaignNotFound, InvalidTerms
from primitives.signing import Signature
from primitives.voucher_id import CampaignId, Serial, SerialClass, VoucherId

POWER_TEXT = {
    CampaignPower.PAUSE: "{who} can stop issuing, claiming and redeeming for a while; the window moves on by as much",
    CampaignPower.VOID: "{who} can cancel a voucher that was not used",
    CampaignPower.ADD_MERCHANT: "{who} can let further merchants accept the vouchers",
    CampaignPower.REMOVE_MERCHANT: "{who} can take a merchant off the list",
    CampaignPower.TICKET_SIGNER: "{who} can change who signs claim tickets",
}
_INDEX_BITS = 32


class _Book(Protocol):
    @property
    def chain_id(self) -> ChainId: ...

    @property
    def address(self) -> AccountId: ...

    async def campaign(self, terms: CampaignTerms) -> CampaignState | None: ...

    def _call(self, sender: AccountId, data: bytes) -> Intent: ...

    def _token(self, asset: AssetId) -> AccountId: ...

    async def _allowance(self, token: AssetId, owner: AccountId) -> int: ...

    async def _read(self, data: bytes, contract: AccountId | None = None) -> bytes: ...


class IssuerActs:
    """Mixed into the EVM voucher book: `chains.issuer_desk.IssuerDesk` by shape."""

    async def fund(self: _Book, terms: CampaignTerms, base_units: int) -> Sequence[Intent]:
        """Raises NodeUnavailable."""
        steps = []
        token = terms.settlement.id
        if await self._allowance(token, terms.funder) < base_units:
            approval = erc20.approve_call(self.address.raw, MAX_BASE_UNITS)
            steps.append(Intent(terms.funder, ContractCall(self._token(token), approval)))
        return (*steps, self._call(terms.funder, calls.fund_call(terms.id, base_units)))

    async def pause(self: _Book, terms: CampaignTerms) -> Intent:
        _require_power(terms, CampaignPower.PAUSE)
        return self._call(terms.issuer, calls.pause_call(terms.id))

    async def resume(self: _Book, terms: CampaignTerms) -> Intent:
        _require_power(terms, CampaignPower.PAUSE)
        return self._call(terms.issuer, calls.unpause_call(terms.id))

    async def reclaim(self: _Book, terms: CampaignTerms, *, now: int) -> Sequence[Intent]:
        """Raises CampaignNotActive, NodeUnavailable."""
        state = await self.campaign(terms)
        if state is None or not state.escrow:
            return ()
        opens = state.window_end + terms.refund_window
        if now < opens:
            raise CampaignNotActive("the escrow stays until its vouchers have ended", status="active", opens=opens)
        return (self._call(terms.funder, calls.reclaim_call(terms.id)),)

    async def commit_drop(self: _Book, terms: CampaignTerms, drop: int, root: bytes, count: int) -> Intent:
        return self._call(terms.issuer, calls.commit_drop_call(terms.id, drop, root, count))

    async def claim(self: _Book, terms: CampaignTerms, claim: DropClaim, *, submitter: AccountId) -> Intent:
        """Pure: the contract checks the proof."""
        voucher = drop_voucher(terms.id, terms.lane, claim.drop, claim.index)
        return self._call(submitter, calls.claim_from_drop_call(voucher, claim.holder.raw, claim.proof))

    async def ticket_payload(self: _Book, terms: CampaignTerms, ticket: ClaimTicket) -> bytes:
        return ticket_json(
            ticket.voucher, ticket.holder.raw, ticket.valid_before, self.chain_id.evm_number, self.address.raw
        )

    async def ticket_call(
        self: _Book, terms: CampaignTerms, ticket: ClaimTicket, signature: Signature, *, submitter: AccountId
    ) -> Intent:
        signed = contract_signature(signature.raw)
        data = calls.claim_call(ticket.voucher, ticket.holder.raw, ticket.valid_before, signed)
        return self._call(submitter, data)

    async def powers_of(self: _Book, terms: CampaignTerms) -> Sequence[IssuerPower]:
        """As the contract declares them, and who signs tickets now. Raises CampaignNotFound, NodeUnavailable."""
        state = await self.campaign(terms)
        if state is None:
            raise CampaignNotFound(f"campaign {terms.id} is not on {terms.chain} yet", campaign=str(terms.id))
        found = [
            IssuerPower(power.value, text.format(who=terms.issuer.address), terms.issuer)
            for power, text in POWER_TEXT.items()
            if power in state.powers
        ]
        seen = answers.decode_campaign_of(await self._read(calls.campaign_of_call(terms.id)))
        if any(seen.ticket_signer):
            signer = AccountId.from_raw(terms.chain, seen.ticket_signer)
            text = f"{signer.address} can let holders claim vouchers, within the cap"
            found.append(IssuerPower("sign_tickets", text, signer))
        found.append(
            IssuerPower(
                "issue", f"{terms.issuer.address} can issue vouchers, within the cap of {terms.cap}", terms.issuer
            )
        )
        return found


def drop_voucher(campaign: CampaignId, lane: int, drop: int, index: int) -> VoucherId:
    """The voucher of a leaf: class drop, drop number (16 bits) ‖ index (32 bits)."""
    return VoucherId(campaign, Serial(lane, SerialClass.DROP, drop << _INDEX_BITS | index))


def _require_power(terms: CampaignTerms, power: CampaignPower) -> None:
    if power not in terms.powers:
        raise InvalidTerms(f"the terms declare no power to {power}", field="powers")
