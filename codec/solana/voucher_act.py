"""Issuing, handing on, voiding and giving back vouchers: one transaction each, beside redemption.

Every change of a balance is a mint or a burn, and one memo names the serials behind it:

- issue: mints, memo by the issuer. Claiming from a drop is an issue of one serial of class drop.
- move: burn at the old holder, mint at the new one, memo by the old holder.
- void: burn at the holder, by the holder or by the permanent delegate of the terms; memo by the issuer.
- reverse: the merchant returns the payout to the vault, one new serial is minted; memo by issuer and merchant.

The redemption authority signs every burn, last; where accounts are frozen (`burn_guard`) also every mint.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from codec.solana.associated_token import associated_token_address, create_associated_token
from codec.solana.burn_guard import BurnGuard
from codec.solana.instruction import Instruction
from codec.solana.memo import memo
from codec.solana.programs import TOKEN_2022
from codec.solana.redemption import TokensToMove
from codec.solana.token import mint_to
from codec.solana.token import transfer as transfer_tokens
from codec.solana.voucher_memo import SerialRange, VoucherAct, VoucherMemo, serial_ranges
from primitives.voucher_id import CampaignId, Serial


@dataclass(frozen=True, slots=True)
class CampaignKeys:
    """A campaign's mint, and who signs for it: 32 bytes each."""

    campaign: CampaignId
    mint: bytes
    issuer: bytes
    authority: bytes
    guard: BurnGuard = BurnGuard.PERMISSIONED

    def account(self, owner: bytes) -> bytes:
        """The owner's token account for these vouchers."""
        return associated_token_address(owner, self.mint, TOKEN_2022)

    def minted(self, owner: bytes, units: int) -> tuple[Instruction, ...]:
        account = self.account(owner)
        made = mint_to(TOKEN_2022, self.mint, account, self.issuer, units, 0)
        return self.guard.opened(account, self.mint, self.authority, made)

    def burned(self, owner: bytes, units: int, *, by: bytes) -> tuple[Instruction, ...]:
        account = self.account(owner)
        gone = self.guard.burn(account, self.mint, self.authority, by, units)
        return self.guard.opened(account, self.mint, self.authority, gone)


def issue_instructions(
    keys: CampaignKeys, payer: bytes, holders: Sequence[bytes], serials: Sequence[Serial]
) -> tuple[Instruction, ...]:
    """One unit to each holder, in the order of the serials; missing accounts are made at the payer's cost."""
    text = VoucherMemo(VoucherAct.ISSUE, keys.campaign, serial_ranges(serials)).encode()
    made = [create_associated_token(payer, holder, keys.mint, TOKEN_2022) for holder in dict.fromkeys(holders)]
    return (
        memo(text, (keys.issuer,)),
        *made,
        *(instruction for holder in holders for instruction in keys.minted(holder, 1)),
    )


def move_instructions(
    keys: CampaignKeys, payer: bytes, holder: bytes, recipient: bytes, serials: Sequence[Serial]
) -> tuple[Instruction, ...]:
    """Burn at the holder and mint at the recipient, as many units as serials."""
    text = VoucherMemo(VoucherAct.MOVE, keys.campaign, serial_ranges(serials)).encode()
    units = len(serials)
    return (
        memo(text, (holder,)),
        create_associated_token(payer, recipient, keys.mint, TOKEN_2022),
        *keys.burned(holder, units, by=holder),
        *keys.minted(recipient, units),
    )


def void_instructions(
    keys: CampaignKeys, holder: bytes, serials: Sequence[Serial], *, delegate: bytes | None = None
) -> tuple[Instruction, ...]:
    """Burn at the holder: he signs, or the permanent delegate of the terms does."""
    text = VoucherMemo(VoucherAct.VOID, keys.campaign, serial_ranges(serials)).encode()
    return (
        memo(text, (keys.issuer,)),
        *keys.burned(holder, len(serials), by=delegate or holder),
    )


@dataclass(frozen=True, slots=True)
class Reversal:
    """What a reversal undoes. Keys, id and hash of 32 bytes; `amount_minor` in the campaign's currency.

    Attributes:
        serial: Of the voucher issued in its place, class reissue.
        vault: Token account that gets the payout back.
        returned: From the merchant's associated account; None where the redemption paid nothing out.
    """

    holder: bytes
    merchant: bytes
    redemption_id: bytes
    order_hash: bytes
    amount_minor: int
    serial: Serial
    vault: bytes
    returned: TokensToMove | None


def reversal_instructions(keys: CampaignKeys, payer: bytes, reversal: Reversal) -> tuple[Instruction, ...]:
    """Return the payout and issue again, both or neither."""
    text = VoucherMemo(
        VoucherAct.REVERSE,
        keys.campaign,
        (SerialRange(reversal.serial, 1),),
        reversal.redemption_id,
        reversal.order_hash,
        reversal.amount_minor,
    ).encode()
    back = reversal.returned
    paid = (
        ()
        if back is None
        else (
            transfer_tokens(
                back.token_program,
                back.source,
                back.mint,
                reversal.vault,
                reversal.merchant,
                back.base_units,
                back.decimals,
            ),
        )
    )
    return (
        memo(text, (keys.issuer, reversal.merchant)),
        *paid,
        create_associated_token(payer, reversal.holder, keys.mint, TOKEN_2022),
        *keys.minted(reversal.holder, 1),
    )
