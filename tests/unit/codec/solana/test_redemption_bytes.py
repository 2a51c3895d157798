"""Every byte of a redemption counts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codec.solana.associated_token import associated_token_address
from codec.solana.burn_guard import BurnGuard
from codec.solana.compute_budget import set_compute_unit_limit, set_compute_unit_price
from codec.solana.message import build_message
from codec.solana.programs import TOKEN, TOKEN_2022
from codec.solana.redemption import (
    RedemptionParties,
    RedemptionTransaction,
    TokensToMove,
    VoucherToBurn,
    decode_redemption,
    redemption_instructions,
)
from primitives.chain_id import ChainId
from primitives.errors import RedemptionRefused
from primitives.voucher_id import CampaignId, Serial, SerialClass, VoucherId

CHAIN = ChainId("solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1")
PARTIES = RedemptionParties(CHAIN, *(bytes([n]) * 32 for n in (1, 2, 3, 4)))
CNY, MINT, VAULT = (bytes([n]) * 32 for n in (5, 6, 7))
BLOCKHASH = b"\x99" * 32

keys = st.binary(min_size=32, max_size=32)
vouchers = st.builds(
    VoucherId,
    st.builds(CampaignId, st.binary(min_size=24, max_size=24)),
    st.builds(Serial, st.integers(0, 255), st.sampled_from(SerialClass), st.integers(0, 2**48 - 2)),
)
amounts = st.integers(0, 2**63 - 1)


def message(
    voucher: VoucherId, amount_minor: int, payout: int, remainder: int, order: bytes, program: bytes, create: bool
) -> bytes:
    holder_money = associated_token_address(PARTIES.holder, CNY, program)
    instructions = redemption_instructions(
        PARTIES,
        order,
        [VoucherToBurn(voucher, MINT, amount_minor)],
        [TokensToMove(program, CNY, 6, VAULT, payout)] if payout else [],
        TokensToMove(program, CNY, 6, holder_money, remainder) if remainder else None,
        [(CNY, program)] if create and (payout or remainder) else [],
    )
    budget = (set_compute_unit_limit(70_000), set_compute_unit_price(3))
    return build_message(PARTIES.fee_payer, (*budget, *instructions), BLOCKHASH)


class TestRoundTrip:
    @given(vouchers, amounts, amounts, amounts, keys, st.sampled_from((TOKEN, TOKEN_2022)), st.booleans())
    def test_what_is_built_is_read(
        self,
        voucher: VoucherId,
        amount_minor: int,
        payout: int,
        remainder: int,
        order: bytes,
        program: bytes,
        create: bool,
    ) -> None:
        decoded = decode_redemption(message(voucher, amount_minor, payout, remainder, order, program, create), CHAIN)
        assert decoded.parties == PARTIES
        assert decoded.order_hash == order
        ((burned),) = decoded.vouchers
        assert (burned.voucher, burned.mint, burned.amount_minor) == (voucher, MINT, amount_minor)
        assert [(item.source, item.base_units) for item in decoded.payouts] == ([(VAULT, payout)] if payout else [])
        assert (decoded.remainder.base_units if decoded.remainder else 0) == remainder


ORIGINAL = message(
    VoucherId(CampaignId(bytes(24)), Serial(1, SerialClass.SINGLE, 1)), 2_000, 20, 80, b"\x0b" * 32, TOKEN, True
)


def facts(decoded: RedemptionTransaction) -> tuple[object, ...]:
    return decoded.parties, decoded.order_hash, decoded.vouchers, decoded.payouts, decoded.remainder, decoded.created


@pytest.mark.parametrize("flip", [0x01, 0x80, 0xFF])
def test_no_changed_byte_passes_for_the_original(flip: int) -> None:
    """A changed byte is refused, or says something else; only blockhash and compute budget are nobody's business."""
    original = facts(decode_redemption(ORIGINAL, CHAIN))
    unnoticed = []
    for place in range(len(ORIGINAL)):
        changed = bytearray(ORIGINAL)
        changed[place] ^= flip
        try:
            read = facts(decode_redemption(bytes(changed), CHAIN))
        except RedemptionRefused:
            continue
        if read == original:
            unnoticed.append(place)
    blockhash = ORIGINAL.index(BLOCKHASH)
    budget = {ORIGINAL.index(b"\x05\x02" + (70_000).to_bytes(4, "little")) + 2 + n for n in range(4)}
    budget |= {ORIGINAL.index(b"\x09\x03" + (3).to_bytes(8, "little")) + 2 + n for n in range(8)}
    header = {1, 2}
    assert set(unnoticed) <= set(range(blockhash, blockhash + 32)) | budget | header


class TestRoomForTwoCampaigns:
    """What an order on Solana may use is what always fits into 1,232 bytes."""

    LARGEST = 2**64 - 1

    def size(self, guard: BurnGuard, amount_minor: int, *, create: bool) -> int:
        serial = Serial(1, SerialClass.REISSUE, 2**48 - 1)
        holder_money = associated_token_address(PARTIES.holder, CNY, TOKEN)
        instructions = redemption_instructions(
            PARTIES,
            b"\x0b" * 32,
            [
                VoucherToBurn(VoucherId(CampaignId(bytes([n]) * 24), serial), bytes([10 + n]) * 32, amount_minor, guard)
                for n in (1, 2)
            ],
            [TokensToMove(TOKEN, CNY, 6, bytes([20 + n]) * 32, self.LARGEST) for n in (1, 2)],
            TokensToMove(TOKEN, CNY, 6, holder_money, self.LARGEST),
            [(CNY, TOKEN)] if create else [],
        )
        budget = (set_compute_unit_limit(1_400_000), set_compute_unit_price(2**64 - 1))
        return 1 + 4 * 64 + len(build_message(PARTIES.fee_payer, (*budget, *instructions), BLOCKHASH))

    @pytest.mark.parametrize(
        ("guard", "amount_minor", "bytes_long"),
        [(BurnGuard.PERMISSIONED, 2**63 - 1, 1_212), (BurnGuard.FROZEN, 10**17 - 1, 1_232)],
    )
    def test_two_payouts_and_a_remainder_always_fit(self, guard: BurnGuard, amount_minor: int, bytes_long: int) -> None:
        assert self.size(guard, amount_minor, create=False) == bytes_long <= 1_232

    def test_the_merchants_account_does_not_fit_beside_them(self) -> None:
        assert self.size(BurnGuard.PERMISSIONED, 1, create=True) > 1_232
