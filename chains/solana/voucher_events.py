"""From landed transactions to voucher facts, by what their instructions and balance changes say.

Rule: with n the serials that a transaction names for a campaign, issue and reverse change the holders' balances by +n,
redeem and void by −n, and move by −n at one holder and +n at another. Whatever changes a balance of a campaign's mint
or takes from its vault in any other way is a Divergence. What somebody gives to a vault is no fact of ours, except
from its sponsor. Memos are read from instruction data, never from logs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from chains import events as facts
from chains.campaign import CampaignPower, TransferPolicy
from chains.solana.campaign_accounts import CampaignAccounts
from chains.solana.landed import LandedTransaction, TokenHolding
from codec.solana.instruction import Instruction
from codec.solana.order_memo import OrderMemo
from codec.solana.programs import MEMO
from codec.solana.redemption import RedemptionTransaction, decode_redemption
from codec.solana.token import parse_initialize_mint, parse_mint_to, parse_transfer
from codec.solana.token_extensions import parse_pause
from codec.solana.voucher_memo import VoucherAct, VoucherMemo
from primitives.account_id import AccountId
from primitives.asset import AssetId
from primitives.base58 import encode_base58
from primitives.chain_id import ChainId
from primitives.errors import InvalidValue, RedemptionRefused
from primitives.position import ChainPosition
from primitives.voucher_id import SerialClass, VoucherId


def voucher_events(
    chain: ChainId, campaigns: Sequence[CampaignAccounts], landed: LandedTransaction
) -> list[facts.TokenEvent]:
    """The facts of one transaction about these campaigns, in the order of its instructions."""
    found = sorted(_Reader(chain, campaigns, landed).facts(), key=lambda item: item[0])
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


class _Diverged(Exception):
    """What the transaction did to one campaign does not follow the rules."""


@dataclass(frozen=True, slots=True)
class _Note:
    """A memo, where it stands, and who signed it."""

    place: int
    said: VoucherMemo
    signers: frozenset[bytes]

    def require(self, wanted: bytes, who: str) -> None:
        if wanted not in self.signers:
            raise _Diverged(f"the memo is not signed by the {who}")


class _Reader:
    def __init__(self, chain: ChainId, campaigns: Sequence[CampaignAccounts], landed: LandedTransaction) -> None:
        self._chain = chain
        self._campaigns = campaigns
        self._landed = landed
        self._instructions = landed.instructions
        self._redeems = False
        self._memos: list[_Note] = []
        for index, item in enumerate(self._instructions):
            if item.program != MEMO:
                continue
            said = _memo(item.data)
            if isinstance(said, VoucherMemo):
                self._memos.append(_Note(_place(index), said, frozenset(meta.key for meta in item.accounts)))
            self._redeems |= isinstance(said, OrderMemo) or (said is not None and said.act is VoucherAct.REDEEM)
        self._owner_of = {holding.account: holding.owner for holding in (*landed.before, *landed.after)}

    def facts(self) -> Iterator[_Placed]:
        redemption: RedemptionTransaction | None = None
        why = "the transaction names no voucher"
        if self._redeems and self._landed.message is not None:
            try:
                redemption = decode_redemption(self._landed.message, self._chain)
                redemption.check_campaigns({one.terms.id: one.rule for one in self._campaigns})
            except RedemptionRefused as refused:
                redemption, why = None, refused.message
        for order, one in enumerate(self._campaigns):
            yield from self._launch(one)
            yield from self._pauses(one)
            yield from self._vault(one, redemption)
            try:
                yield from self._vouchers(one, redemption, why)
            except _Diverged as diverged:
                place = (len(self._instructions) << 16) + 1 + order
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

    def _pauses(self, one: CampaignAccounts) -> Iterator[_Placed]:
        for index, instruction in enumerate(self._instructions):
            match parse_pause(instruction):
                case (mint, True) if mint == one.mint.address:
                    yield _place(index), facts.CampaignPaused(one.terms.id)
                case (mint, False) if mint == one.mint.address:
                    yield _place(index), facts.CampaignResumed(one.terms.id)

    def _vault(self, one: CampaignAccounts, redemption: RedemptionTransaction | None) -> Iterator[_Placed]:
        """The sponsor's payments into the vault, and every payment out of it. What the vault loses must be explained;
        what it gains need not be, because anybody may give."""
        vault, explained = one.vault.address, 0
        given_back = any(
            note.said.act is VoucherAct.REVERSE for note in self._memos if note.said.campaign == one.terms.id
        )
        for index, instruction in enumerate(self._instructions):
            moved = parse_transfer(instruction)
            if moved is None or moved.source == moved.destination:
                continue
            if moved.destination == vault and moved.authority == one.vault.sponsor and not given_back:
                yield (
                    _place(index),
                    facts.CampaignFunded(one.terms.id, self._account(moved.authority), moved.amount),
                )
            if moved.source != vault:
                continue
            explained += moved.amount
            to_sponsor = self._owner_of.get(moved.destination) == one.vault.sponsor
            over = self._landed.block_time >= one.terms.valid_until + one.terms.refund_window
            if moved.authority == one.vault.owner and to_sponsor and over:
                yield (
                    _place(index),
                    facts.EscrowReclaimed(one.terms.id, self._account(one.vault.sponsor), moved.amount),
                )
            elif redemption is None:
                what = f"the vault paid {moved.amount} base units without a redemption"
                yield _place(index), facts.Divergence(one.terms.id, what)
        lost = self._held(self._landed.before, one) - self._held(self._landed.after, one)
        if lost > explained:
            what = f"the vault lost {lost} base units, its payments say {explained}"
            yield _place(len(self._instructions)), facts.Divergence(one.terms.id, what)

    def _held(self, holdings: Sequence[TokenHolding], one: CampaignAccounts) -> int:
        vault = one.vault
        return sum(
            item.base_units
            for item in holdings
            if item.account == vault.address
            or (not item.account and (item.owner, item.mint) == (vault.owner, vault.settlement_mint))
        )

    def _vouchers(self, one: CampaignAccounts, redemption: RedemptionTransaction | None, why: str) -> Iterator[_Placed]:
        changes = self._changes(one.mint.address)
        if not changes:
            # A memo alone does nothing and anybody may write one.
            return
        if self._landed.message is None:
            raise _Diverged("balances changed in a transaction of a version that cannot be read")
        notes = [note for note in self._memos if note.said.campaign == one.terms.id]
        if self._redeems and all(note.said.act is VoucherAct.REDEEM for note in notes):
            if redemption is None:
                raise _Diverged(f"vouchers were burned against the rules: {why}")
            yield from self._redeemed(one, redemption, changes)
            return
        acts = [note.said.act for note in notes]
        if not acts:
            raise _Diverged("balances changed without a memo that names the serials")
        if len(acts) > 1 or self._redeems:
            told = ", ".join(sorted({*acts, *((VoucherAct.REDEEM,) if self._redeems else ())}))
            raise _Diverged(f"memos of {told} do not belong in one transaction of this campaign")
        (note,) = notes
        self._check(one, note.said)
        match note.said.act:
            case VoucherAct.ISSUE:
                note.require(one.terms.issuer.raw, "issuer")
                yield from self._issued(one, note.said, changes)
            case VoucherAct.MOVE:
                yield from self._moved(one, note, changes)
            case VoucherAct.VOID:
                note.require(one.terms.issuer.raw, "issuer")
                yield from self._voided(one, note, changes)
            case VoucherAct.REVERSE:
                note.require(one.terms.issuer.raw, "issuer")
                yield from self._reversed(one, note, changes)
            case _:
                raise _Diverged("a redemption's memo stands where none belongs")

    def _check(self, one: CampaignAccounts, said: VoucherMemo) -> None:
        if said.count > _MOST_ISSUED:
            raise _Diverged(f"{said.count} vouchers named in one transaction: {_MOST_ISSUED} are read at most")
        for voucher in said.vouchers():
            _check_serial(one, voucher)

    def _issued(self, one: CampaignAccounts, said: VoucherMemo, changes: Mapping[bytes, int]) -> Iterator[_Placed]:
        minted = [
            (index, item)
            for index, instruction in enumerate(self._instructions)
            if (item := parse_mint_to(instruction)) is not None and item.mint == one.mint.address
        ]
        if said.count != sum(item.amount for _, item in minted):
            raise _Diverged(f"{said.count} serials are named for {sum(i.amount for _, i in minted)} units issued")
        received: Counter[bytes] = Counter()
        for _, item in minted:
            received[self._owner_of[item.account]] += item.amount
        if dict(received) != dict(changes):
            raise _Diverged("the holders' balances changed by something else than the units issued")
        vouchers = said.vouchers()
        for index, item in minted:
            holder = self._account(self._owner_of[item.account])
            for ordinal in range(item.amount):
                yield _place(index) + ordinal, facts.VoucherIssued(next(vouchers), holder)

    def _moved(self, one: CampaignAccounts, note: _Note, changes: Mapping[bytes, int]) -> Iterator[_Placed]:
        said = note.said
        given = [owner for owner, units in changes.items() if units == -said.count]
        taken = [owner for owner, units in changes.items() if units == said.count]
        if len(changes) != 2 or len(given) != 1 or len(taken) != 1:
            raise _Diverged(f"{said.count} serials are handed on, and the holders' balances say otherwise")
        if one.terms.transfer_policy is TransferPolicy.BOUND:
            raise _Diverged("vouchers of this campaign cannot be handed on")
        note.require(given[0], "old holder")
        for ordinal, voucher in enumerate(said.vouchers()):
            yield note.place + ordinal, facts.VoucherMoved(voucher, self._account(given[0]), self._account(taken[0]))

    def _voided(self, one: CampaignAccounts, note: _Note, changes: Mapping[bytes, int]) -> Iterator[_Placed]:
        said = note.said
        if list(changes.values()) != [-said.count]:
            raise _Diverged(f"{said.count} serials are voided, and the holders' balances say otherwise")
        if CampaignPower.VOID not in one.terms.powers:
            raise _Diverged("the terms declare no power to void")
        (holder,) = changes
        for ordinal, voucher in enumerate(said.vouchers()):
            yield note.place + ordinal, facts.VoucherVoided(voucher, self._account(holder))

    def _reversed(self, one: CampaignAccounts, note: _Note, changes: Mapping[bytes, int]) -> Iterator[_Placed]:
        said = note.said
        if list(changes.values()) != [1] or said.count != 1:
            raise _Diverged("a reversal issues one voucher, and the holders' balances say otherwise")
        ((holder, _),) = changes.items()
        (voucher,) = said.vouchers()
        merchants = [account.raw for account in one.terms.merchants if account.raw in note.signers]
        if voucher.serial.kind is not SerialClass.REISSUE or not merchants:
            raise _Diverged("a reversal is signed by a merchant and issues a serial of class reissue")
        assert said.redemption_id is not None
        assert said.order_hash is not None
        assert said.amount_minor is not None
        owed = one.terms.payout(said.amount_minor)
        paid = sum(
            moved.amount
            for instruction in self._instructions
            if (moved := parse_transfer(instruction)) is not None
            and moved.destination == one.vault.address
            and moved.authority == merchants[0]
        )
        if paid != owed:
            raise _Diverged(f"a reversal returned {paid} base units to the vault, the terms owe {owed}")
        yield note.place, facts.VoucherIssued(voucher, self._account(holder))
        yield (
            note.place + 1,
            facts.RedemptionReversed(
                voucher=voucher,
                redemption_id=said.redemption_id,
                order_hash=said.order_hash,
                holder=self._account(holder),
                merchant=self._account(merchants[0]),
                amount_minor=said.amount_minor,
                returned=paid,
                settlement=one.terms.settlement.id,
            ),
        )

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


def _check_serial(one: CampaignAccounts, voucher: VoucherId) -> None:
    serial, terms = voucher.serial, one.terms
    if serial.lane != terms.lane:
        raise _Diverged(f"voucher {voucher} is of lane {serial.lane}, which is not this chain's")
    if serial.kind is SerialClass.SINGLE and not 1 <= serial.number <= terms.cap:
        raise _Diverged(f"voucher {voucher} is beyond the cap of {terms.cap}")
    if serial.kind is SerialClass.DROP and not serial.number < terms.drop_count:
        raise _Diverged(f"voucher {voucher} is beyond the drop of {terms.drop_count}")
    if serial.kind is SerialClass.PACKED:
        raise _Diverged(f"voucher {voucher} is of a class that Solana does not issue")


def _shape(instruction: Instruction) -> tuple[bytes, bytes, tuple[bytes, ...]]:
    """What an instruction does; whether an account may sign or be written is the whole message's, not its own."""
    return instruction.program, instruction.data, tuple(meta.key for meta in instruction.accounts)


def _place(index: int) -> int:
    return index << 16


def _memo(data: bytes) -> VoucherMemo | OrderMemo | None:
    for form in (VoucherMemo, OrderMemo):
        try:
            return form.parse(data)
        except InvalidValue:
            continue
    return None
