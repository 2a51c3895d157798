"""Campaigns and vouchers on one EVM chain, kept by the VoucherBook contract."""

from __future__ import annotations

import base64
import dataclasses
import functools
import json
import operator
from collections.abc import Mapping, Sequence
from typing import Any

from chains import events as facts
from chains.campaign import CampaignPower, CampaignState, CampaignTerms, Redemption, TransferPolicy, VoucherState
from chains.evm.book_lens import BookLens
from chains.evm.errors import revert_data
from chains.evm.issued_logs import IssuedLogs
from chains.evm.issuer_acts import IssuerActs
from chains.evm.joined_orders import REDEEM_ORDER, JoinedOrders
from chains.evm.log_scan import LogScan
from chains.evm.merchant_acts import MerchantActs
from chains.evm.merchant_facts import STORED_VALUE, burned_ids, merchant_fact, spent_or_redeemed
from chains.evm.redemption_order import order_of, permit_domain, permit_of
from chains.evm.reverts import reverted
from chains.intent import ContractCall, Intent
from chains.ports import ConsentRequest
from chains.rpc.client import JsonRpcClient
from chains.rpc.errors import NodeRefusal
from codec.evm import erc20
from codec.evm.book import answers, calls, structs
from codec.evm.book import events as logged
from codec.evm.book.interface import contract_signature
from codec.evm.book.lens_structs import CampaignSeen
from codec.evm.book.types import Powers, Settlement, VoucherKind
from codec.evm.book.types import TransferPolicy as BookTransferPolicy
from codec.evm.permit import PermitDomain, permit_typed_data_json
from codec.evm.redeem_order import typed_data_json
from primitives.account_id import AccountId, checksum_address
from primitives.asset import MAX_BASE_UNITS, Amount, Asset, AssetId
from primitives.chain_id import ChainId
from primitives.contract_errors import CampaignNotFound, ContractRefused
from primitives.errors import (
    ChainMismatch,
    InvalidTerms,
    InvalidValue,
    LedgerDiverged,
    NodeUnavailable,
)
from primitives.signing import Signature, SigningScheme
from primitives.voucher_id import CampaignId, SerialClass, VoucherId

PERMIT = "permit"

_HOLDERS_PER_TRANSACTION = 250
"""About 40,000 gas each where every holder is new; EIP-7825 caps a transaction at 2^24."""
_FOR_EVER = 2**40 - 1
_POLICIES = {
    TransferPolicy.FREE: BookTransferPolicy.FREE,
    TransferPolicy.ONCE: BookTransferPolicy.ONCE,
    TransferPolicy.BOUND: BookTransferPolicy.BOUND,
}


_POWERS = {
    CampaignPower.PAUSE: Powers.PAUSE,
    CampaignPower.VOID: Powers.VOID,
    CampaignPower.ADD_MERCHANT: Powers.ADD_MERCHANT,
    CampaignPower.REMOVE_MERCHANT: Powers.REMOVE_MERCHANT,
    CampaignPower.TICKET_SIGNER: Powers.TICKET_SIGNER,
}


class EvmVoucherBook(IssuerActs, MerchantActs, JoinedOrders):
    """`chains.ports.VoucherBook` by shape.

    Args:
        book: Address of the contract, 20 bytes (`codec.evm.create2.book_address` where it was deployed that way).
    """

    def __init__(self, chain: ChainId, rpc: JsonRpcClient, book: bytes) -> None:
        self._chain = chain
        self._rpc = rpc
        self._book = AccountId.from_raw(chain, book)
        self._scan = LogScan(rpc, address=self._book.address)
        self._lens = BookLens(rpc, self._book)
        self._permit_domains: dict[AssetId, PermitDomain | None] = {}

    @property
    def chain_id(self) -> ChainId:
        return self._chain

    @property
    def address(self) -> AccountId:
        """The contract."""
        return self._book

    @property
    def addresses(self) -> Sequence[AccountId]:
        """The contract alone; `EvmVoucherBooks` has several."""
        return (self._book,)

    async def check(self) -> None:
        """Raises ChainMismatch when there is no contract at the configured address, NodeUnavailable."""
        try:
            code = await self._rpc.call("eth_getCode", self._book.address, "latest")
        except NodeRefusal as refusal:
            raise _unreadable(refusal) from refusal
        if code == "0x":
            raise ChainMismatch(
                f"there is no voucher book at {self._book}: deploy it, or correct the configured address",
                book=str(self._book),
            )

    async def holds(self, campaign: CampaignId) -> bool:
        """Whether the campaign was created in this book. Raises NodeUnavailable."""
        return await self._ask(calls.campaign_of_call(campaign), absent=CampaignNotFound) is not None

    async def launch(self, terms: CampaignTerms) -> Sequence[Intent]:
        """Create the campaign, let the book take money from the funder, fund: what is still missing of these.

        Raises:
            InvalidTerms: They belong to another chain, or name an asset that is no ERC-20 contract.
            LedgerDiverged: The campaign exists with other terms.
            NodeUnavailable
        """
        book_terms = self._book_terms(terms)
        campaign = await self._campaign(terms)
        steps: list[Intent] = []
        if campaign is None:
            merchants = [account.raw for account in terms.merchants]
            steps.append(self._call(terms.issuer, calls.create_campaign_call(book_terms, merchants)))
        else:
            difference = _difference(campaign, book_terms)
            if difference is not None:
                raise LedgerDiverged(
                    f"campaign {terms.id} exists on {self._chain} with another {difference}",
                    campaign=str(terms.id),
                    field=difference,
                )
        missing = terms.full_funding - (campaign.funded if campaign else 0)
        if missing > 0:
            token = terms.settlement.id
            if await self._allowance(token, terms.funder) < missing:
                # Without limit: a funder may launch several campaigns at once, and exact approvals overwrite one
                # another. The book takes from an account only in its own call or in an order that it has signed.
                approval = erc20.approve_call(self._book.raw, MAX_BASE_UNITS)
                steps.append(Intent(terms.funder, ContractCall(self._token(token), approval)))
            steps.append(self._call(terms.funder, calls.fund_call(terms.id, missing)))
        return steps

    async def most_vouchers(self, merchant: AccountId, settlement: Asset) -> int | None:
        """None: gas is the bound."""
        return None

    async def appoint_relayer(self, merchant: AccountId, relayer: AccountId) -> Sequence[Intent]:
        """Raises NodeUnavailable."""
        if merchant == relayer:
            return ()
        answer = await self._read(calls.is_relayer_call(merchant.raw, relayer.raw))
        if answers.decode_is_relayer(answer):
            return ()
        return (self._call(merchant, calls.set_relayer_call(relayer.raw, _FOR_EVER)),)

    async def issue(self, terms: CampaignTerms, holders: Sequence[AccountId], first_number: int) -> Sequence[Intent]:
        """Pure. A transaction that names a number other than the chain's next reverts with NotNextNumber."""
        steps = []
        for start in range(0, len(holders), _HOLDERS_PER_TRANSACTION):
            part = [account.raw for account in holders[start : start + _HOLDERS_PER_TRANSACTION]]
            steps.append(self._call(terms.issuer, calls.issue_call(terms.id, first_number + start, part)))
        return steps

    async def consents(self, terms: Sequence[CampaignTerms], redemption: Redemption) -> Sequence[ConsentRequest]:
        """The RedeemOrder, and an ERC-2612 permit of exactly the remainder where the allowance does not cover it.

        A token without permits asks for no second signature: then the holder must have approved the book beforehand,
        and the redemption's simulation says so if not.

        Raises:
            NodeUnavailable
        """
        order = order_of(redemption)
        wanted = [
            ConsentRequest(
                REDEEM_ORDER,
                SigningScheme.EVM_TYPED_DATA,
                typed_data_json(order, self._chain.evm_number, self._book.raw),
            )
        ]
        if redemption.remainder.base_units:
            token = redemption.remainder.asset.id
            if await self._allowance(token, redemption.holder) < redemption.remainder.base_units:
                domain = await self._permit_domain(token)
                if domain is not None:
                    nonce = erc20.decode_uint(await self._read(erc20.nonces_call(order.holder), self._token(token)))
                    permit = permit_of(redemption, self._book.raw, nonce)
                    wanted.append(
                        ConsentRequest(PERMIT, SigningScheme.EVM_TYPED_DATA, permit_typed_data_json(permit, domain))
                    )
        return wanted

    async def redeem(
        self, terms: Sequence[CampaignTerms], redemption: Redemption, consents: Mapping[str, Signature]
    ) -> Intent:
        """Pure. The submitter is the merchant or its relayer. Leaves of drops are claimed by the same call.

        Raises:
            InvalidValue: The holder's signature over the order is missing, or proofs and a permit do not go together.
        """
        consent = consents.get(REDEEM_ORDER)
        if consent is None:
            raise InvalidValue("the holder has not signed the order")
        order = order_of(redemption)
        permit = consents.get(PERMIT)
        if redemption.from_drop:
            if permit is not None:
                raise InvalidValue("a voucher is claimed first where the remainder needs a permit")
            proofs = [item.proof or () for item in redemption.items]
            data = calls.redeem_from_drop_call(order, consent.raw, proofs)
        elif permit is None:
            data = calls.redeem_signed_call(order, consent.raw)
        else:
            signature = contract_signature(permit.raw)
            remainder_permit = structs.RemainderPermit(
                value=redemption.remainder.base_units,
                deadline=redemption.valid_before,
                v=signature[64],
                r=signature[:32],
                s=signature[32:64],
            )
            data = calls.pay_and_redeem_call(order, consent.raw, remainder_permit)
        return self._call(redemption.submitter, data)

    async def campaign(self, terms: CampaignTerms) -> CampaignState | None:
        """None while the campaign does not exist. Raises NodeUnavailable."""
        return (await self.campaigns([terms.id]))[0]

    async def campaigns(self, ids: Sequence[CampaignId]) -> Sequence[CampaignState | None]:
        """In the order asked for; None for one that does not exist. Raises NodeUnavailable."""
        return [None if seen is None else _campaign_state(seen) for seen in await self._lens.campaigns(ids)]

    async def voucher(self, voucher: VoucherId) -> VoucherState | None:
        """None when the contract never issued it. Raises NodeUnavailable."""
        return (await self.vouchers([voucher]))[0]

    async def vouchers(self, vouchers: Sequence[VoucherId]) -> Sequence[VoucherState | None]:
        """In the order asked for, in one request for each hundred. Raises NodeUnavailable."""
        return [
            None
            if seen is None
            else VoucherState(
                self._account(seen.holder),
                seen.moves,
                seen.redeemed_at if seen.redeemed_at else None,
                # The contract says zero and the moves for one-shot vouchers: nothing of theirs is stored value.
                remaining_minor=seen.remaining or None,
                sequence=seen.sequence if seen.remaining else None,
            )
            for seen in await self._lens.vouchers(vouchers)
        ]

    async def escrow(self, terms: CampaignTerms) -> Amount:
        """Zero while the campaign does not exist. Raises NodeUnavailable."""
        answer = await self._ask(calls.escrow_of_call(terms.id), absent=CampaignNotFound)
        return Amount(0 if answer is None else answers.decode_escrow_of(answer), terms.settlement)

    async def events(self, campaigns: Sequence[CampaignTerms], since: int, until: int) -> facts.EventPage:
        """Facts of these campaigns, and remainders paid to their merchants.

        Raises:
            NodeUnavailable
        """
        return (await self.lines(campaigns, since, until)).whole()

    async def lines(self, campaigns: Sequence[CampaignTerms], since: int, until: int) -> facts.LinePage:
        """`events`, with the issues as lines.

        Raises:
            NodeUnavailable
        """
        page = await self._scan.page(since, until)
        times = await self._scan.block_times(page.logs)
        terms = {one.id: one for one in campaigns}
        merchants = {account for one in campaigns for account in one.merchants}
        quick = IssuedLogs(self._chain, terms, times)
        issued, rest = quick.split(page.logs)
        found = []
        for log in rest:
            topics = [bytes.fromhex(topic[2:]) for topic in log["topics"]]
            event = logged.decode_event(topics, bytes.fromhex(log["data"][2:]))
            fact = None if event is None else self._fact(event, terms, merchants)
            if isinstance(fact, facts.VoucherRedeemed) and terms[fact.voucher.campaign].kind == STORED_VALUE:
                fact = spent_or_redeemed(fact, log["transactionHash"], burned_ids(page.logs))
            if fact is not None:
                place = quick.position(log)
                found.append(facts.TokenEvent(place, log["transactionHash"], times[log["blockHash"]], fact))
        others = facts.EventPage(since, until, tuple(found), page.before_hash, page.until_hash, page.pieces)
        return facts.LinePage(others, issued)

    # ---------------------------------------------------------------------------------------------------- campaigns

    def _book_terms(self, terms: CampaignTerms) -> structs.CampaignTerms:
        if terms.chain != self._chain:
            raise InvalidTerms(f"the terms are for {terms.chain}, this book is on {self._chain}", field="chain")
        if terms.issuer.raw != terms.evm_issuer:
            raise InvalidTerms("the issuer's account is not the one in the campaign's identity", field="issuer")
        if terms.cap >= 2**47:
            raise InvalidTerms("the cap must be below 2^47 on EVM chains", field="cap")
        if (CampaignPower.PAUSE in terms.powers) != (terms.max_pause_seconds > 0):
            raise InvalidTerms(
                "the power to pause needs a limit to all pauses together, and nothing else does",
                field="max_pause_seconds",
            )
        return structs.CampaignTerms(
            rules_hash=terms.rules_hash,
            evm_issuer=terms.evm_issuer,
            solana_issuer=terms.solana_issuer,
            salt=terms.salt,
            funder=terms.funder.raw,
            settlement_asset=self._token(terms.settlement.id).raw,
            lane=terms.lane,
            cap=terms.cap,
            max_payout=terms.max_payout,
            units_per_minor=terms.units_per_minor,
            sponsor_bp=terms.sponsor_bp,
            valid_from=terms.valid_from,
            valid_until=terms.valid_until,
            claim_until=terms.claim_until or 0,
            refund_window=terms.refund_window,
            max_pause_seconds=terms.max_pause_seconds,
            powers=functools.reduce(operator.or_, (_POWERS[power] for power in terms.powers), Powers.NONE),
            transfer_policy=_POLICIES[terms.transfer_policy],
            kind=VoucherKind.STORED_VALUE if terms.kind == STORED_VALUE else VoucherKind.ONE_SHOT,
            settlement=Settlement.ACCRUED if terms.accrued else Settlement.IMMEDIATE,
            ticket_signer=bytes(20) if terms.ticket_signer is None else terms.ticket_signer.raw,
            claims_per_holder=terms.claims_per_holder,
            metadata_uri=_metadata_uri(terms),
        )

    async def _campaign(self, terms: CampaignTerms) -> structs.Campaign | None:
        answer = await self._ask(calls.campaign_of_call(terms.id), absent=CampaignNotFound)
        return None if answer is None else answers.decode_campaign_of(answer)

    # -------------------------------------------------------------------------------------------------------- facts

    def _fact(
        self, event: logged.BookEvent, terms: Mapping[Any, CampaignTerms], merchants: set[AccountId]
    ) -> facts.Fact | None:
        match event:
            case logged.CampaignCreated() if event.campaign in terms:
                return self._launched(event, terms[event.campaign])
            case logged.CampaignFunded() if event.campaign in terms:
                return facts.CampaignFunded(event.campaign, self._account(event.funder), event.amount)
            case logged.CampaignReclaimed() if event.campaign in terms:
                return facts.EscrowReclaimed(event.campaign, self._account(event.funder), event.amount)
            case logged.VoucherIssued() if event.voucher.campaign in terms:
                return facts.VoucherIssued(event.voucher, self._account(event.holder))
            case logged.VoucherReissued() if event.voucher.campaign in terms:
                return facts.VoucherIssued(event.voucher, self._account(event.holder))
            case logged.TransferSingle() if event.voucher.campaign in terms and _made_without_a_log(event):
                return facts.VoucherIssued(event.voucher, self._account(event.to))
            case logged.CampaignPausedUntil() if event.campaign in terms:
                return facts.CampaignPaused(event.campaign)
            case logged.CampaignUnpaused() if event.campaign in terms:
                return facts.CampaignResumed(event.campaign)
            case logged.VoucherVoided() if event.voucher.campaign in terms:
                return facts.VoucherVoided(event.voucher, self._account(event.holder))
            case logged.TransferSingle() if event.voucher.campaign in terms and any(event.from_) and any(event.to):
                return facts.VoucherMoved(event.voucher, self._account(event.from_), self._account(event.to))
            case logged.VoucherRedeemed() if event.voucher.campaign in terms:
                return facts.VoucherRedeemed(
                    voucher=event.voucher,
                    redemption_id=event.redemption_id,
                    order_hash=event.order_hash,
                    holder=self._account(event.holder),
                    merchant=self._account(event.merchant),
                    amount_minor=event.amount_minor,
                    payout=event.payout,
                    settlement=terms[event.voucher.campaign].settlement.id,
                )
            case logged.RemainderPaid() if self._account(event.merchant) in merchants:
                return facts.OrderPaid(
                    order_hash=event.order_hash,
                    holder=self._account(event.holder),
                    merchant=self._account(event.merchant),
                    asset=AssetId.fungible(self._chain, checksum_address(event.asset)),
                    base_units=event.amount,
                )
            case _:
                return merchant_fact(event, self._chain, terms)

    def _launched(self, event: logged.CampaignCreated, terms: CampaignTerms) -> facts.Fact:
        ours = self._book_terms(terms)
        for name in (field.name for field in dataclasses.fields(ours)):
            theirs, expected = getattr(event.terms, name), getattr(ours, name)
            if theirs != expected:
                return facts.Divergence(event.campaign, f"the chain's {name} is {theirs!r}, not {expected!r}")
        return facts.CampaignLaunched(event.campaign, event.rules_hash, self._account(event.issuer))

    # --------------------------------------------------------------------------------------------------- node access

    def _account(self, raw: bytes) -> AccountId:
        return AccountId.from_raw(self._chain, raw)

    def _token(self, asset: AssetId) -> AccountId:
        if asset.chain != self._chain or asset.namespace != "erc20":
            raise InvalidTerms(f"{asset} is not an ERC-20 token of {self._chain}", field="settlement")
        return AccountId.of(self._chain, asset.reference)

    def _call(self, sender: AccountId, data: bytes) -> Intent:
        return Intent(sender, ContractCall(self._book, data))

    async def _allowance(self, token: AssetId, owner: AccountId) -> int:
        answer = await self._read(erc20.allowance_call(owner.raw, self._book.raw), self._token(token))
        return erc20.decode_uint(answer)

    async def _permit_domain(self, token: AssetId) -> PermitDomain | None:
        """The domain that the token's permits are signed in; None for a token without ERC-2612."""
        if token not in self._permit_domains:
            self._permit_domains[token] = await permit_domain(self._rpc, self._chain, self._token(token))
        return self._permit_domains[token]

    async def _read(self, data: bytes, contract: AccountId | None = None) -> bytes:
        target = contract or self._book
        try:
            answer: str = await self._rpc.call("eth_call", {"to": target.address, "data": "0x" + data.hex()}, "latest")
        except NodeRefusal as refusal:
            output = revert_data(refusal)
            if output is None:
                raise _unreadable(refusal) from refusal
            raise reverted(output) from refusal
        return bytes.fromhex(answer[2:])

    async def _ask(self, data: bytes, *, absent: type[ContractRefused]) -> bytes | None:
        """A view of the book; None when it reverts with the error that means that there is no such thing."""
        try:
            return await self._read(data)
        except absent:
            return None


def _campaign_state(seen: CampaignSeen) -> CampaignState:
    told = seen.campaign
    return CampaignState(
        powers=frozenset(power for power, bit in _POWERS.items() if bit in told.powers),
        valid_from=told.valid_from,
        window_end=told.window_end,
        paused=told.paused,
        issued_ever=told.issued_ever,
        redeemed=told.redeemed,
        reversed=told.reversed,
        reissued=told.reissued,
        voided=told.voided,
        funded=told.funded,
        escrow=seen.escrow,
    )


def _made_without_a_log(event: logged.TransferSingle) -> bool:
    """Packed vouchers and drop leaves are told by ERC-1155's own event alone."""
    return not any(event.from_) and event.voucher.serial.kind in (SerialClass.PACKED, SerialClass.DROP)


def _metadata_uri(terms: CampaignTerms) -> str:
    """An ERC-1155 metadata document inside of its own URI: it needs no server for as long as the chain lives."""
    document = {
        "name": terms.title,
        "properties": {"kind": terms.kind, "currency": terms.currency, "rules_hash": "0x" + terms.rules_hash.hex()},
    }
    packed = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    return "data:application/json;base64," + base64.b64encode(packed).decode()


def _difference(found: structs.Campaign, expected: structs.CampaignTerms) -> str | None:
    """The first term in which the campaign on chain is not the one expected."""
    pairs = (
        ("funder", found.funder, expected.funder),
        ("settlement_asset", found.settlement_asset, expected.settlement_asset),
        ("lane", found.lane, expected.lane),
        ("cap", found.cap, expected.cap),
        ("max_payout", found.max_payout, expected.max_payout),
        ("units_per_minor", found.units_per_minor, expected.units_per_minor),
        ("sponsor_bp", found.sponsor_bp, expected.sponsor_bp),
        ("valid_from", found.valid_from, expected.valid_from),
        ("valid_until", found.valid_until, expected.valid_until),
        ("powers", found.powers, expected.powers),
        ("refund_window", found.refund_window, expected.refund_window),
        ("max_pause_seconds", found.max_pause_seconds, expected.max_pause_seconds),
        ("transfer_policy", found.transfer_policy, expected.transfer_policy),
        ("kind", found.kind, expected.kind),
        ("settlement", found.settlement, expected.settlement),
        ("claims_per_holder", found.claims_per_holder, expected.claims_per_holder),
    )
    return next((name for name, there, here in pairs if there != here), None)


def _unreadable(refusal: NodeRefusal) -> NodeUnavailable:
    return NodeUnavailable(f"the node cannot answer {refusal.method}: {refusal.text[:200]}", reason=refusal.text[:200])


__all__ = ["PERMIT", "REDEEM_ORDER", "EvmVoucherBook"]
