"""From landed transactions to voucher facts, by what their instructions and balance changes say.

Rule: with n the serials that a transaction names for a campaign, issuing changes the holders' balances by +n and
redeeming by −n. Whatever changes a balance of a campaign's mint or takes from its vault in any other way is a
Divergence. Memos are read from instruction data, never from logs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from chains import events as facts
from chains.solana.campaign_accounts import CampaignAccounts
from codec.solana.instruction import Instruction
from codec.solana.message import decode_message
from codec.solana.programs import MEMO
from codec.solana.redemption import RedemptionTransaction, decode_redemption
from codec.solana.token import parse_initialize_mint, parse_mint_to, parse_transfer
from codec.solana.voucher_memo import VoucherAct, VoucherMemo
from primitives.account_id import AccountId
from primitives.asset import AssetId
from primitives.base58 import encode_base58
from primitives.chain_id import ChainId
from primitives.errors import InvalidValue, RedemptionRefused
from primitives.position import ChainPosition
from primitives.voucher_id import SerialClass, VoucherId


@dataclass(frozen=True, slots=True)
class TokenHolding:
    """What one token account held before or after a transaction; keys of 32 bytes."""

    account: bytes
    mint: bytes
    owner: bytes
    base_units: int


@dataclass(frozen=True, slots=True)
class LandedTransaction:
    """A transaction that was carried out, and where.

    Attributes:
        index: Of the transaction in its block.
        message: The signed message bytes.
        before, after: Token accounts that it names, around it.
    """

    signature: str
    slot: int
    index: int
    block_hash: bytes
    block_time: int
    message: bytes
    before: tuple[TokenHolding, ...]
    after: tuple[TokenHolding, ...]


def voucher_events(
    chain: ChainId, campaigns: Sequence[CampaignAccounts], landed: LandedTransaction
) -> list[facts.TokenEvent]:
    """The facts of one transaction about these campaigns, in the order of its instructions."""
    decoded = decode_message(landed.message)
    reader = _Reader(chain, campaigns, landed, () if decoded.lookups else decoded.instructions)
    found = sorted(reader.facts(), key=lambda item: item[0])
    return [
        facts.TokenEvent(
            ChainPosition(landed.slot, landed.index, event_index, landed.block_hash),
            landed.signature,
            landed.block_time,
            fact,
        )
        for event_index, fact in found
    ]


_Placed = tuple[int, facts.Fact]

_MOST_ISSUED = 10_000
"""Far more than fit into a transaction one by one; bounds the work that a single memo can cause."""


class _Reader:
    def __init__(
        self,
        chain: ChainId,
        campaigns: Sequence[CampaignAccounts],
        landed: LandedTransaction,
        instructions: Sequence[Instruction],
    ) -> None:
        self._chain = chain
        self._campaigns = campaigns
        self._landed = landed
        self._instructions = instructions
        self._memos = [memo for item in instructions if item.program == MEMO and (memo := _memo(item.data)) is not None]
        self._owner_of = {holding.account: holding.owner for holding in (*landed.before, *landed.after)}

    def facts(self) -> Iterator[_Placed]:
        redemption: RedemptionTransaction | None = None
        why = "the transaction names no voucher"
        if any(memo.act is VoucherAct.REDEEM for memo in self._memos):
            try:
                redemption = decode_redemption(self._landed.message, self._chain)
                known = {one.terms.id: one.rule for one in self._campaigns}
                redemption.check_campaigns(known)
            except RedemptionRefused as refused:
                redemption, why = None, refused.message
        for order, one in enumerate(self._campaigns):
            yield from self._launch(one)
            yield from self._vault(one, redemption)
            try:
                yield from self._vouchers(one, redemption, why)
            except _Diverged as diverged:
                place = (len(self._instructions) << 16) + order
                what = f"{diverged} (transaction {self._landed.signature})"
                yield place, facts.Divergence(one.terms.id, what)
        if redemption is not None and redemption.remainder is not None:
            yield (
                _place(redemption.remainder.index),
                facts.OrderPaid(
                    order_hash=redemption.order_hash,
                    holder=self._account(redemption.parties.holder),
                    merchant=self._account(redemption.parties.merchant),
                    asset=AssetId.fungible(self._chain, encode_base58(redemption.remainder.mint)),
                    base_units=redemption.remainder.base_units,
                ),
            )

    def _launch(self, one: CampaignAccounts) -> Iterator[_Placed]:
        """The mint's own transaction must hold exactly what the terms make of it."""
        mint = one.mint.address
        for index, instruction in enumerate(self._instructions):
            if parse_initialize_mint(instruction) != mint:
                continue
            here = {_shape(item) for item in self._instructions}
            missing = [item for item in one.mint.instructions(0) if _shape(item) not in here]
            if missing:
                yield _place(index), facts.Divergence(one.terms.id, "the mint was made otherwise than the terms say")
            else:
                yield (
                    _place(index),
                    facts.CampaignLaunched(one.terms.id, one.terms.rules_hash, self._account(one.terms.issuer.raw)),
                )

    def _vault(self, one: CampaignAccounts, redemption: RedemptionTransaction | None) -> Iterator[_Placed]:
        """Payments into the vault and out of it; they must explain the whole change of its balance."""
        vault, explained = one.vault.address, 0
        for index, instruction in enumerate(self._instructions):
            moved = parse_transfer(instruction)
            if moved is None or moved.source == moved.destination:
                continue
            if moved.destination == vault:
                explained += moved.amount
                yield (
                    _place(index),
                    facts.CampaignFunded(one.terms.id, self._account(moved.authority), moved.amount),
                )
            if moved.source != vault:
                continue
            explained -= moved.amount
            to_sponsor = self._owner_of.get(moved.destination) == one.vault.sponsor
            over = self._landed.block_time >= one.terms.valid_until
            if moved.authority == one.vault.owner and to_sponsor and over:
                yield (
                    _place(index),
                    facts.EscrowReclaimed(one.terms.id, self._account(one.vault.sponsor), moved.amount),
                )
            elif redemption is None:
                what = f"the vault paid {moved.amount} base units without a redemption"
                yield _place(index), facts.Divergence(one.terms.id, what)
        changed = _held(self._landed.after, vault) - _held(self._landed.before, vault)
        if changed != explained:
            what = f"the vault's balance changed by {changed} base units, its payments say {explained}"
            yield _place(len(self._instructions)), facts.Divergence(one.terms.id, what)

    def _vouchers(self, one: CampaignAccounts, redemption: RedemptionTransaction | None, why: str) -> Iterator[_Placed]:
        changes = self._changes(one.mint.address)
        memos = [memo for memo in self._memos if memo.campaign == one.terms.id]
        if not changes:
            # A memo alone does nothing and anybody may write one.
            return
        acts = {memo.act for memo in memos}
        if acts == {VoucherAct.ISSUE} and len(memos) == 1:
            yield from self._issued(one, memos[0], changes)
        elif acts == {VoucherAct.REDEEM}:
            if redemption is None:
                raise _Diverged(f"vouchers were burned against the rules: {why}")
            yield from self._redeemed(one, redemption, changes)
        elif not acts:
            raise _Diverged("balances changed without a memo that names the serials")
        else:
            raise _Diverged(f"memos of {', '.join(sorted(acts))} do not belong in one transaction of this campaign")

    def _issued(self, one: CampaignAccounts, memo: VoucherMemo, changes: Mapping[bytes, int]) -> Iterator[_Placed]:
        minted = [
            (index, item)
            for index, instruction in enumerate(self._instructions)
            if (item := parse_mint_to(instruction)) is not None and item.mint == one.mint.address
        ]
        if memo.count != sum(item.amount for _, item in minted):
            raise _Diverged(f"{memo.count} serials are named for {sum(i.amount for _, i in minted)} units issued")
        if memo.count > _MOST_ISSUED:
            raise _Diverged(f"{memo.count} vouchers issued in one transaction: {_MOST_ISSUED} are read at most")
        for voucher in memo.vouchers():
            _check_serial(one, voucher)
        received: Counter[bytes] = Counter()
        for _, item in minted:
            received[self._owner_of[item.account]] += item.amount
        if dict(received) != dict(changes):
            raise _Diverged("the holders' balances changed by something else than the units issued")
        vouchers = memo.vouchers()
        for index, item in minted:
            holder = self._account(self._owner_of[item.account])
            for ordinal in range(item.amount):
                yield _place(index) + ordinal, facts.VoucherIssued(next(vouchers), holder)

    def _redeemed(
        self, one: CampaignAccounts, redemption: RedemptionTransaction, changes: Mapping[bytes, int]
    ) -> Iterator[_Placed]:
        burned = [item for item in redemption.vouchers if item.voucher.campaign == one.terms.id]
        if dict(changes) != {redemption.parties.holder: -len(burned)}:
            raise _Diverged("the holder's balance changed by something else than the vouchers redeemed")
        for item in burned:
            _check_serial(one, item.voucher)
        for item in burned:
            yield (
                _place(item.index),
                facts.VoucherRedeemed(
                    voucher=item.voucher,
                    redemption_id=item.redemption_id,
                    order_hash=redemption.order_hash,
                    holder=self._account(redemption.parties.holder),
                    merchant=self._account(redemption.parties.merchant),
                    amount_minor=item.amount_minor,
                    payout=one.terms.payout(item.amount_minor),
                    settlement=one.terms.settlement.id,
                ),
            )

    def _changes(self, mint: bytes) -> dict[bytes, int]:
        """Units gained or lost, by owner; nothing where the balance stayed."""
        change: Counter[bytes] = Counter()
        for holding in self._landed.after:
            if holding.mint == mint:
                change[holding.owner] += holding.base_units
        for holding in self._landed.before:
            if holding.mint == mint:
                change[holding.owner] -= holding.base_units
        return {owner: units for owner, units in change.items() if units}

    def _account(self, raw: bytes) -> AccountId:
        return AccountId.from_raw(self._chain, raw)


class _Diverged(Exception):
    """What the transaction did to one campaign does not follow the rules."""


def _check_serial(one: CampaignAccounts, voucher: VoucherId) -> None:
    serial = voucher.serial
    if serial.lane != one.terms.lane:
        raise _Diverged(f"voucher {voucher} is of lane {serial.lane}, which is not this chain's")
    if serial.kind is SerialClass.SINGLE and not 1 <= serial.number <= one.terms.cap:
        raise _Diverged(f"voucher {voucher} is beyond the cap of {one.terms.cap}")


def _shape(instruction: Instruction) -> tuple[bytes, bytes, tuple[bytes, ...]]:
    """What an instruction does; whether an account may sign or be written is the whole message's, not its own."""
    return instruction.program, instruction.data, tuple(meta.key for meta in instruction.accounts)


def _held(holdings: Sequence[TokenHolding], account: bytes) -> int:
    return sum(holding.base_units for holding in holdings if holding.account == account)


def _place(index: int) -> int:
    return index << 16


def _memo(data: bytes) -> VoucherMemo | None:
    try:
        return VoucherMemo.parse(data)
    except InvalidValue:
        return None
