"""A payment of an order without vouchers: a token transfer that both parties sign with the order's hash beside it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from codec.solana.associated_token import associated_token_address, create_associated_token, parse_create
from codec.solana.compute_budget import is_limit_or_price
from codec.solana.instruction import Instruction
from codec.solana.memo import memo
from codec.solana.message import decode_message
from codec.solana.programs import MEMO
from codec.solana.redemption import RedemptionParties, TokensToMove, move_tokens
from codec.solana.token import parse_transfer
from primitives.errors import InvalidValue

_TEXT = re.compile(rb'\{"v":1,"act":"pay","order":"([0-9a-f]{64})"\}')


def plain_payment_instructions(
    parties: RedemptionParties,
    order_hash: bytes,
    remainder: TokensToMove,
    accounts_to_create: Iterable[tuple[bytes, bytes]],
) -> tuple[Instruction, ...]:
    """The instructions of one payment, compute budget apart; no campaign, so no redemption authority.

    The memo is versioned compact JSON, `{"v":1,"act":"pay","order":"<64 hex digits>"}`, signed by holder and merchant:
    it makes each order's transaction a different one and shows which order it pays.

    Args:
        order_hash: 32 bytes.
        accounts_to_create: (mint, token program) of the merchant's associated accounts that do not exist yet.
    """
    text = f'{{"v":1,"act":"pay","order":"{order_hash.hex()}"}}'.encode()
    return (
        *(
            create_associated_token(parties.fee_payer, parties.merchant, mint, program)
            for mint, program in accounts_to_create
        ),
        memo(text, (parties.holder, parties.merchant)),
        move_tokens(remainder, parties.merchant, parties.holder),
    )


@dataclass(frozen=True, slots=True)
class PlainPayment:
    """A decoded payment; keys and the order's hash of 32 bytes, the amount in base units of `mint`."""

    fee_payer: bytes
    holder: bytes
    merchant: bytes
    order_hash: bytes
    mint: bytes
    base_units: int


def decode_plain_payment(message: bytes) -> PlainPayment:
    """Read a payment from the message bytes that its signers sign; what `plain_payment_instructions` writes, whole.

    Raises:
        InvalidValue: Anything missing, more than belongs there, or parties that do not fit together.
    """
    decoded = decode_message(message)
    steps = [item for item in decoded.instructions if not is_limit_or_price(item)]
    if len(steps) < 2:
        raise InvalidValue("a payment has a memo and a transfer")
    *creations, note, moving = steps
    keys = [meta.key for meta in note.accounts]
    text = _TEXT.fullmatch(note.data)
    if note.program != MEMO or text is None or len(keys) != 2:
        raise InvalidValue("a payment's memo names its order and is signed by holder and merchant")
    holder, merchant = keys
    moved = parse_transfer(moving)
    if (
        moved is None
        or moved.mint is None
        or len(moving.accounts) != 4
        or moved.authority != holder
        or moved.source != associated_token_address(holder, moved.mint, moved.program)
        or moved.destination != associated_token_address(merchant, moved.mint, moved.program)
    ):
        raise InvalidValue("a payment moves tokens from the holder's to the merchant's own account")
    for creation in creations:
        account = parse_create(creation)
        if account is None or (account.payer, account.account) != (decoded.fee_payer, moved.destination):
            raise InvalidValue("a payment creates no account but the merchant's, at the fee payer's cost")
    if set(decoded.signers) != {decoded.fee_payer, holder, merchant}:
        raise InvalidValue("somebody else has to sign the payment as well")
    order_hash = bytes.fromhex(text[1].decode())
    return PlainPayment(decoded.fee_payer, holder, merchant, order_hash, moved.mint, moved.amount)
