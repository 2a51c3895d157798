"""A whole redemption transaction: building its instructions, and reading it back without trusting its author.

One atomic transaction holds, beside the compute budget and the idempotent creation of the merchant's token accounts:
for each voucher a permissioned burn of one unit (holder and redemption authority sign), one memo that names them in
this order (holder and merchant sign; a single voucher's memo also carries its redemption id), at most one payout per
campaign (the authority moves tokens to the merchant as the vault's delegate), and at most one remainder (the holder
pays the merchant). Anything else in the transaction makes it unacceptable, because the
authority's signature would cover it.

`decode_redemption` checks what the bytes alone can tell. What a campaign allows is checked by
`RedemptionTransaction.check_campaigns` and, at the time of signing, `check_windows`; who has signed by
`require_signature`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from codec.evm.redemption_id import redemption_id
from codec.solana.associated_token import (
    CreatedAccount,
    associated_token_address,
    create_associated_token,
    parse_create,
)
from codec.solana.burn_guard import BurnGuard
from codec.solana.compute_budget import is_limit_or_price
from codec.solana.instruction import Instruction
from codec.solana.memo import memo
from codec.solana.message import decode_message, verify_message_signature
from codec.solana.order_memo import OrderMemo, by_campaign
from codec.solana.programs import MEMO, TOKEN_2022, TOKEN_PROGRAMS
from codec.solana.token import TokenTransfer, parse_transfer
from codec.solana.token import transfer as transfer_tokens
from codec.solana.token_control import FrozenAccount, parse_freeze
from codec.solana.token_extensions import PermissionedBurn, parse_burn, parse_permissioned_burn
from codec.solana.voucher_memo import SerialRange, VoucherAct, VoucherMemo
from primitives.account_id import AccountId
from primitives.base58 import encode_base58
from primitives.chain_id import ChainId
from primitives.errors import InvalidValue, RedemptionRefused
from primitives.voucher_id import CampaignId, VoucherId


@dataclass(frozen=True, slots=True)
class VoucherToBurn:
    """One voucher of the order: its campaign's mint (32 bytes) and its discount in minor units."""

    voucher: VoucherId
    mint: bytes
    amount_minor: int
    guard: BurnGuard = BurnGuard.PERMISSIONED


@dataclass(frozen=True, slots=True)
class TokensToMove:
    """A payment of `base_units` from `source` to the merchant's associated account for `mint`."""

    token_program: bytes
    mint: bytes
    decimals: int
    source: bytes
    base_units: int


@dataclass(frozen=True, slots=True)
class RedemptionParties:
    """Who signs, 32 bytes each: the fee payer first, the redemption authority last."""

    chain: ChainId
    fee_payer: bytes
    holder: bytes
    merchant: bytes
    authority: bytes


def redemption_instructions(
    parties: RedemptionParties,
    order_hash: bytes,
    vouchers: Sequence[VoucherToBurn],
    payouts: Sequence[TokensToMove],
    remainder: TokensToMove | None,
    accounts_to_create: Iterable[tuple[bytes, bytes]],
) -> tuple[Instruction, ...]:
    """The instructions of one redemption, compute budget apart.

    Args:
        order_hash: 32 bytes.
        accounts_to_create: (mint, token program) of the merchant's associated accounts that do not exist yet.
    """
    instructions = [
        create_associated_token(parties.fee_payer, parties.merchant, mint, program)
        for mint, program in accounts_to_create
    ]
    ordered = by_campaign((item.voucher, item.amount_minor) for item in vouchers)
    first_of = {item.voucher.campaign: item for item in reversed(vouchers)}
    for campaign, group in groupby(voucher.campaign for voucher, _ in ordered):
        mint, guard = first_of[campaign].mint, first_of[campaign].guard
        account = associated_token_address(parties.holder, mint, TOKEN_2022)
        burns = [guard.burn(account, mint, parties.authority, parties.holder, 1) for _ in group]
        instructions += guard.opened(account, mint, parties.authority, *burns)
    instructions.append(memo(_memo_text(parties, order_hash, ordered), (parties.holder, parties.merchant)))
    instructions += [move_tokens(payout, parties.merchant, parties.authority) for payout in payouts]
    if remainder is not None:
        instructions.append(move_tokens(remainder, parties.merchant, parties.holder))
    return tuple(instructions)


def _memo_text(parties: RedemptionParties, order_hash: bytes, vouchers: Sequence[tuple[VoucherId, int]]) -> bytes:
    if len(vouchers) > 1:
        return OrderMemo(order_hash, tuple(vouchers)).encode()
    ((voucher, amount_minor),) = vouchers
    identity = redemption_id(
        voucher,
        AccountId.from_raw(parties.chain, parties.holder),
        AccountId.from_raw(parties.chain, parties.merchant),
        order_hash,
        amount_minor,
        0,
    )
    return VoucherMemo(
        VoucherAct.REDEEM,
        voucher.campaign,
        (SerialRange(voucher.serial, 1),),
        identity,
        order_hash,
        amount_minor,
    ).encode()


def move_tokens(tokens: TokensToMove, merchant: bytes, authority: bytes) -> Instruction:
    """Transfer to the merchant's associated account; `authority` owns the source or is its delegate. 32-byte keys."""
    destination = associated_token_address(merchant, tokens.mint, tokens.token_program)
    return transfer_tokens(
        tokens.token_program,
        tokens.source,
        tokens.mint,
        destination,
        authority,
        tokens.base_units,
        tokens.decimals,
    )


@dataclass(frozen=True, slots=True)
class BurnedVoucher:
    """One decoded voucher. `index`: of the burn among the transaction's instructions."""

    voucher: VoucherId
    mint: bytes
    amount_minor: int
    redemption_id: bytes
    index: int


@dataclass(frozen=True, slots=True)
class MovedTokens:
    """One decoded payment to the merchant. `index`: of its instruction."""

    token_program: bytes
    mint: bytes
    decimals: int
    source: bytes
    destination: bytes
    base_units: int
    index: int


@dataclass(frozen=True, slots=True)
class RedemptionRule:
    """What a campaign allows, as its terms have it; keys of 32 bytes, times in Unix seconds, the end not included."""

    campaign: CampaignId
    mint: bytes
    vault: bytes
    settlement_mint: bytes
    merchants: frozenset[bytes]
    max_payout: int
    units_per_minor: int
    sponsor_bp: int
    valid_from: int
    valid_until: int

    def payout(self, amount_minor: int) -> int:
        """Base units for one voucher: min(max_payout, amount × units × sponsor share), rounded down."""
        return min(self.max_payout, amount_minor * self.units_per_minor * self.sponsor_bp // 10_000)


@dataclass(frozen=True, slots=True)
class RedemptionTransaction:
    """A redemption as its bytes say it; keys of 32 bytes.

    Attributes:
        order_hash: The same in every memo.
        vouchers, payouts: In the order of their instructions.
        created: Token accounts of the merchant that the fee payer pays for.
    """

    parties: RedemptionParties
    message: bytes
    order_hash: bytes
    vouchers: tuple[BurnedVoucher, ...]
    payouts: tuple[MovedTokens, ...]
    remainder: MovedTokens | None
    created: tuple[CreatedAccount, ...]

    def require_signature(self, signer: bytes, signatures: Mapping[bytes, bytes]) -> None:
        """Check that `signer` has signed this very message.

        Args:
            signatures: 64 bytes by public key.

        Raises:
            RedemptionRefused: The signature is missing or does not fit.
        """
        signature = signatures.get(signer)
        if signature is None:
            raise _refused("missing_signature", f"{encode_base58(signer)} has not signed the redemption")
        try:
            verify_message_signature(self.message, signer, signature)
        except InvalidValue as error:
            raise _refused("wrong_signature", error.message) from error

    def check_campaigns(self, rules: Mapping[CampaignId, RedemptionRule]) -> None:
        """Compare mints, vaults, merchant and payouts with what the campaigns allow.

        Without this a stranger's own mint, whose memo names a campaign, could draw on that campaign's vault.

        Raises:
            RedemptionRefused: `rule` is unknown_campaign, foreign_mint, wrong_merchant, wrong_vault or wrong_payout.
        """
        owed: dict[bytes, int] = {}
        for item in self.vouchers:
            rule = rules.get(item.voucher.campaign)
            if rule is None:
                raise _refused("unknown_campaign", f"campaign {item.voucher.campaign} is not known here")
            if item.mint != rule.mint:
                raise _refused("foreign_mint", f"{encode_base58(item.mint)} is not the campaign's mint")
            if self.parties.merchant not in rule.merchants:
                merchant = encode_base58(self.parties.merchant)
                raise _refused("wrong_merchant", f"{merchant} is not a merchant of the campaign")
            owed[rule.vault] = owed.get(rule.vault, 0) + rule.payout(item.amount_minor)
        mint_of = {rule.vault: rule.settlement_mint for rule in rules.values()}
        paid: dict[bytes, int] = {}
        for payout in self.payouts:
            if payout.source not in owed or payout.mint != mint_of[payout.source]:
                raise _refused("wrong_vault", f"{encode_base58(payout.source)} is not the vault of a redeemed voucher")
            paid[payout.source] = paid.get(payout.source, 0) + payout.base_units
        for vault, amount in owed.items():
            if paid.get(vault, 0) != amount:
                raise _refused(
                    "wrong_payout",
                    f"the payout is {paid.get(vault, 0)} base units, the terms give {amount}",
                    paid=paid.get(vault, 0),
                    owed=amount,
                )

    def check_windows(self, rules: Mapping[CampaignId, RedemptionRule], now: int) -> None:
        """Refuse vouchers outside their window at `now`, Unix seconds. Apart from `check_campaigns`: what was signed
        inside the window may land a little after it.

        Raises:
            RedemptionRefused: `rule` is unknown_campaign or outside_window.
        """
        for item in self.vouchers:
            rule = rules.get(item.voucher.campaign)
            if rule is None:
                raise _refused("unknown_campaign", f"campaign {item.voucher.campaign} is not known here")
            if not rule.valid_from <= now < rule.valid_until:
                raise _refused(
                    "outside_window",
                    f"campaign {item.voucher.campaign} is not in its window",
                    now=now,
                    valid_from=rule.valid_from,
                    valid_until=rule.valid_until,
                )


def decode_redemption(message: bytes, chain: ChainId) -> RedemptionTransaction:
    """Read a redemption from the message bytes that its signers sign.

    Args:
        message: Legacy or version 0, without lookup tables.
        chain: The redemption ids in the memos commit to it.

    Raises:
        RedemptionRefused: `rule` names what is wrong: message, lookup_tables, no_burn, two_authorities, two_holders,
            burn_amount, holder_account, memo_count, memo, memo_signers, memo_act, redemption_id, payout_destination,
            two_remainders, remainder_source, foreign_transfer, created_account, foreign_instruction, foreign_signer,
            left_thawed, fee_payer.
    """
    try:
        decoded = decode_message(message)
    except InvalidValue as error:
        raise _refused("message", error.message) from error
    if decoded.lookups:
        raise _refused("lookup_tables", "a redemption names all its accounts itself")

    burns: list[tuple[int, PermissionedBurn]] = []
    memos: list[Instruction] = []
    transfers: list[tuple[int, TokenTransfer]] = []
    created: list[CreatedAccount] = []
    thawed = _ThawedAccounts()
    for index, instruction in enumerate(decoded.instructions):
        if is_limit_or_price(instruction):
            continue
        if (burn := parse_permissioned_burn(instruction)) is not None:
            burns.append((index, burn))
        elif (plain := parse_burn(instruction)) is not None:
            burns.append((index, thawed.burned(plain)))
        elif (freezing := parse_freeze(instruction)) is not None:
            thawed.note(freezing)
        elif instruction.program == MEMO:
            memos.append(instruction)
        elif (moved := parse_transfer(instruction)) is not None and len(instruction.accounts) == 4:
            transfers.append((index, moved))
        elif (account := parse_create(instruction)) is not None:
            created.append(account)
        else:
            program = encode_base58(instruction.program)
            raise _refused("foreign_instruction", f"instruction {index} of {program} has no place in a redemption")

    thawed.require_none()
    authority, holder = _burners(burns)
    if len(memos) != 1:
        raise _refused("memo_count", f"{len(memos)} memos, a redemption has one")
    (note,) = memos
    merchant = _merchant(note, holder)
    parties = RedemptionParties(chain, decoded.fee_payer, holder, merchant, authority)
    if authority in (decoded.fee_payer, holder, merchant):
        raise _refused("fee_payer", "the redemption authority is no party and pays no fee")
    if set(decoded.signers) != {decoded.fee_payer, holder, merchant, authority}:
        raise _refused("foreign_signer", "somebody else has to sign the transaction as well")

    vouchers, order_hash = _vouchers(parties, burns, note)
    payouts, remainder = _payments(parties, transfers)
    _check_created(parties, created, {item.mint for item in (*payouts, *((remainder,) if remainder else ()))})
    return RedemptionTransaction(parties, message, order_hash, vouchers, payouts, remainder, tuple(created))


class _ThawedAccounts:
    """Accounts that the transaction has thawed and not frozen again, where `burn_guard` is FROZEN."""

    def __init__(self) -> None:
        self._open: dict[bytes, tuple[FrozenAccount, bool]] = {}

    def note(self, freezing: FrozenAccount) -> None:
        known, used = self._open.pop(freezing.account, (None, False))
        if not freezing.frozen:
            if known is not None:
                raise _refused("left_thawed", "an account is thawed twice")
            self._open[freezing.account] = freezing, False
        elif known is None or not used or (known.mint, known.authority) != (freezing.mint, freezing.authority):
            raise _refused("left_thawed", "an account is frozen that was not thawed for a burn")

    def burned(self, plain: PermissionedBurn) -> PermissionedBurn:
        """A burn without permission, with the authority that thawed its account in the permission's place."""
        known, _ = self._open.get(plain.account, (None, False))
        if known is None or known.mint != plain.mint:
            raise _refused("foreign_instruction", "a voucher is burned without the redemption authority")
        self._open[plain.account] = known, True
        return replace(plain, authority=known.authority)

    def require_none(self) -> None:
        if self._open:
            raise _refused("left_thawed", "an account stays thawed after the redemption")


def _burners(burns: Sequence[tuple[int, PermissionedBurn]]) -> tuple[bytes, bytes]:
    if not burns:
        raise _refused("no_burn", "the transaction redeems no voucher")
    first = burns[0][1]
    for _, burn in burns:
        if burn.authority != first.authority:
            raise _refused("two_authorities", "one redemption has one authority")
        if burn.owner != first.owner:
            raise _refused("two_holders", "one redemption has one holder")
        if burn.amount != 1 or burn.decimals != 0:
            raise _refused("burn_amount", f"a burn takes one voucher, not {burn.amount}")
        if burn.account != associated_token_address(burn.owner, burn.mint, TOKEN_2022):
            raise _refused("holder_account", "the burn is not from the holder's associated account")
    return first.authority, first.owner


def _merchant(note: Instruction, holder: bytes) -> bytes:
    keys = [meta.key for meta in note.accounts]
    if len(keys) != 2 or keys[0] != holder or keys[1] == holder:
        raise _refused("memo_signers", "a redemption's memo is signed by its holder and its merchant")
    return keys[1]


def _vouchers(
    parties: RedemptionParties, burns: Sequence[tuple[int, PermissionedBurn]], note: Instruction
) -> tuple[tuple[BurnedVoucher, ...], bytes]:
    holder = AccountId.from_raw(parties.chain, parties.holder)
    merchant = AccountId.from_raw(parties.chain, parties.merchant)
    named, order_hash, said_id = _named(note.data)
    if len(named) != len(burns):
        raise _refused("memo_count", f"the memo names {len(named)} vouchers for {len(burns)} burns")
    vouchers: list[BurnedVoucher] = []
    mint_of: dict[CampaignId, bytes] = {}
    for (index, burn), (voucher, amount_minor) in zip(burns, named, strict=True):
        if mint_of.setdefault(voucher.campaign, burn.mint) != burn.mint:
            raise _refused("memo", "two mints for one campaign")
        expected = redemption_id(voucher, holder, merchant, order_hash, amount_minor, 0)
        if said_id is not None and said_id != expected:
            raise _refused("redemption_id", "the memo's redemption id does not follow from its own facts")
        vouchers.append(BurnedVoucher(voucher, burn.mint, amount_minor, expected, index))
    if len(set(mint_of.values())) != len(mint_of):
        raise _refused("memo", "two campaigns for one mint")
    return tuple(vouchers), order_hash


def _named(text: bytes) -> tuple[Sequence[tuple[VoucherId, int]], bytes, bytes | None]:
    """Vouchers with their amounts, the order, and the redemption id where the memo carries it."""
    try:
        order = OrderMemo.parse(text)
    except InvalidValue:
        pass
    else:
        return order.vouchers, order.order_hash, None
    try:
        said = VoucherMemo.parse(text)
    except InvalidValue as error:
        raise _refused("memo", error.message) from error
    if said.order_hash is None or said.amount_minor is None or said.act is not VoucherAct.REDEEM:
        raise _refused("memo_act", f"the memo says {said.act}")
    (voucher,) = said.vouchers()
    return [(voucher, said.amount_minor)], said.order_hash, said.redemption_id


def _payments(
    parties: RedemptionParties, transfers: Sequence[tuple[int, TokenTransfer]]
) -> tuple[tuple[MovedTokens, ...], MovedTokens | None]:
    payouts: list[MovedTokens] = []
    remainder: MovedTokens | None = None
    for index, item in transfers:
        if item.mint is None or item.decimals is None:
            raise _refused("foreign_transfer", "payments name their mint (TransferChecked)")
        moved = MovedTokens(item.program, item.mint, item.decimals, item.source, item.destination, item.amount, index)
        if item.destination != associated_token_address(parties.merchant, item.mint, item.program):
            raise _refused("payout_destination", "a payment does not go to the merchant's associated account")
        if item.authority == parties.authority:
            payouts.append(moved)
        elif item.authority == parties.holder:
            if remainder is not None:
                raise _refused("two_remainders", "the holder pays twice")
            if item.source != associated_token_address(parties.holder, item.mint, item.program):
                raise _refused("remainder_source", "the remainder is not from the holder's associated account")
            remainder = moved
        else:
            raise _refused("foreign_transfer", "a payment by somebody else has no place in a redemption")
    return tuple(payouts), remainder


def _check_created(parties: RedemptionParties, created: Sequence[CreatedAccount], paid_mints: set[bytes]) -> None:
    for item in created:
        if (
            item.payer != parties.fee_payer
            or item.owner != parties.merchant
            or item.mint not in paid_mints
            or item.token_program not in TOKEN_PROGRAMS
        ):
            raise _refused("created_account", "only the merchant's accounts for this payment may be created")


def _refused(rule: str, message: str, **facts: int) -> RedemptionRefused:
    return RedemptionRefused(message, rule=rule, **facts)
