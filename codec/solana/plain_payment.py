"""A payment of an order without vouchers: a token transfer that both parties sign with the order's hash beside it."""

from __future__ import annotations

from collections.abc import Iterable

from codec.solana.associated_token import create_associated_token
from codec.solana.instruction import Instruction
from codec.solana.memo import memo
from codec.solana.redemption import RedemptionParties, TokensToMove, move_tokens


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
