"""Money back to the holder of a paid order: a token transfer that the merchant signs, with a memo that says it all."""

from __future__ import annotations

import re
from dataclasses import dataclass

from codec.solana.associated_token import associated_token_address, create_associated_token, parse_create
from codec.solana.compute_budget import is_limit_or_price
from codec.solana.instruction import Instruction
from codec.solana.memo import memo
from codec.solana.message import decode_message
from codec.solana.programs import MEMO
from codec.solana.redemption import TokensToMove, move_tokens
from codec.solana.token import parse_transfer
from primitives.base58 import decode_base58, encode_base58
from primitives.errors import InvalidValue

_TEXT = re.compile(
    rb'\{"v":1,"act":"refund","order":"([0-9a-f]{64})","to":"([1-9A-HJ-NP-Za-km-z]{32,44})",'
    rb'"mint":"([1-9A-HJ-NP-Za-km-z]{32,44})","amount":"([1-9][0-9]{0,19})"\}'
)


@dataclass(frozen=True, slots=True)
class RefundPayment:
    """Keys and hash of 32 bytes; the amount in base units of `mint`."""

    merchant: bytes
    holder: bytes
    order_hash: bytes
    mint: bytes
    base_units: int

    @property
    def memo(self) -> bytes:
        """Versioned compact JSON, signed by the merchant; one spelling per refund."""
        return (
            f'{{"v":1,"act":"refund","order":"{self.order_hash.hex()}","to":"{encode_base58(self.holder)}",'
            f'"mint":"{encode_base58(self.mint)}","amount":"{self.base_units}"}}'
        ).encode()


def refund_payment_instructions(
    refund: RefundPayment, token_program: bytes, decimals: int, *, create_account: bool
) -> tuple[Instruction, ...]:
    """The instructions of one refund, compute budget apart; the merchant pays the fee.

    Args:
        create_account: The holder's associated account does not exist any more.
    """
    source = associated_token_address(refund.merchant, refund.mint, token_program)
    tokens = TokensToMove(token_program, refund.mint, decimals, source, refund.base_units)
    created = (
        (create_associated_token(refund.merchant, refund.holder, refund.mint, token_program),) if create_account else ()
    )
    return (*created, memo(refund.memo, (refund.merchant,)), move_tokens(tokens, refund.holder, refund.merchant))


def is_refund_payment(message: bytes) -> bool:
    """Whether the one memo of the message is that of a refund; False for what cannot be read."""
    try:
        notes = [item for item in decode_message(message).instructions if item.program == MEMO]
    except InvalidValue:
        return False
    return len(notes) == 1 and _TEXT.fullmatch(notes[0].data) is not None


def decode_refund_payment(message: bytes) -> RefundPayment:
    """Read a refund from the message bytes that the merchant signs; what `refund_payment_instructions` writes, whole.

    Raises:
        InvalidValue: Anything missing, more than belongs there, or parties that do not fit together.
    """
    decoded = decode_message(message)
    steps = [item for item in decoded.instructions if not is_limit_or_price(item)]
    if len(steps) < 2:
        raise InvalidValue("a refund has a memo and a transfer")
    *creations, note, moving = steps
    text = _TEXT.fullmatch(note.data)
    merchant = decoded.fee_payer
    if note.program != MEMO or text is None or [meta.key for meta in note.accounts] != [merchant]:
        raise InvalidValue("a refund's memo names order, recipient and amount and is signed by the merchant")
    refund = RefundPayment(
        merchant,
        decode_base58(text[2].decode(), length=32),
        bytes.fromhex(text[1].decode()),
        decode_base58(text[3].decode(), length=32),
        int(text[4]),
    )
    moved = parse_transfer(moving)
    if (
        moved is None
        or len(moving.accounts) != 4
        or (moved.mint, moved.amount, moved.authority) != (refund.mint, refund.base_units, merchant)
        or moved.source != associated_token_address(merchant, refund.mint, moved.program)
        or moved.destination != associated_token_address(refund.holder, refund.mint, moved.program)
    ):
        raise InvalidValue("a refund moves what its memo says, from the merchant's to the holder's own account")
    for creation in creations:
        account = parse_create(creation)
        if account is None or (account.payer, account.account) != (merchant, moved.destination):
            raise InvalidValue("a refund creates no account but the holder's")
    if set(decoded.signers) != {merchant}:
        raise InvalidValue("somebody else has to sign the refund as well")
    return refund
