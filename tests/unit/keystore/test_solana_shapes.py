"""Treasuries and the vault operator sign whole known transactions on Solana, and no part of another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from uuid import UUID

import pytest
from nacl.signing import SigningKey

from codec.solana.associated_token import associated_token_address, create_associated_token
from codec.solana.campaign_vault import CampaignVault
from codec.solana.compute_budget import set_compute_unit_limit, set_compute_unit_price
from codec.solana.instruction import AccountMeta, Instruction
from codec.solana.message import build_message
from codec.solana.plain_payment import decode_plain_payment, plain_payment_instructions
from codec.solana.programs import TOKEN
from codec.solana.redemption import RedemptionParties, TokensToMove, VoucherToBurn, redemption_instructions
from codec.solana.system import transfer as send_lamports
from codec.solana.token import approve
from codec.solana.token import transfer as send_tokens
from codec.solana.vault_opening import decode_vault_opening
from keystore.model import KeyRecord
from keystore.solana_shapes import VaultKeys, require_known_shape
from primitives.chain_id import ChainId
from primitives.errors import InvalidValue, SigningRefused
from primitives.signing import Curve, KeyId, KeyPurpose, PublicKey
from primitives.voucher_id import CampaignId, Serial, SerialClass, VoucherId

CHAIN = ChainId("solana:4sGjMW1sUnHzSxGspuhpqLDx6wiyjNtZ")
TREASURY, OPERATOR, AUTHORITY, HOLDER, RELAYER, STRANGER = (
    bytes(SigningKey(bytes([n] * 32)).verify_key) for n in range(1, 7)
)
MONEY, MINT, BLOCKHASH = (bytes([n] * 32) for n in (21, 22, 23))
KEYS = VaultKeys(OPERATOR, AUTHORITY)
VAULT = CampaignVault(CampaignId(bytes([7] * 24)), TREASURY, OPERATOR, AUTHORITY, MONEY, TOKEN, 6)
BUDGET = (set_compute_unit_limit(200_000), set_compute_unit_price(5))


def record(purpose: KeyPurpose) -> KeyRecord:
    raw = TREASURY if purpose is KeyPurpose.TREASURY else OPERATOR
    key = PublicKey(Curve.ED25519, raw)
    return KeyRecord(KeyId(UUID(int=1)), UUID(int=2), UUID(int=3), purpose, Curve.ED25519, key, "m")


def shape(purpose: KeyPurpose, payer: bytes, steps: Sequence[Instruction]) -> bytes | None:
    return require_known_shape(record(purpose), CHAIN, build_message(payer, steps, BLOCKHASH), KEYS)


def refused(purpose: KeyPurpose, payer: bytes, steps: Sequence[Instruction]) -> str:
    with pytest.raises(SigningRefused) as caught:
        shape(purpose, payer, steps)
    assert caught.value.rule == "transaction_shape"
    reason: str = caught.value.reason
    return reason


def opening(vault: CampaignVault = VAULT, top_up: int = 900, amount: int = 10**6) -> list[Instruction]:
    return [*vault.open(top_up), vault.create_account(), vault.fund(amount), vault.approve(amount)]


def parties(merchant: bytes = TREASURY, authority: bytes = AUTHORITY, payer: bytes = RELAYER) -> RedemptionParties:
    return RedemptionParties(CHAIN, payer, HOLDER, merchant, authority)


def redemption(who: RedemptionParties) -> list[Instruction]:
    voucher = VoucherToBurn(VoucherId(CampaignId(bytes([7] * 24)), Serial(1, SerialClass.SINGLE, 1)), MINT, 2000)
    payout = TokensToMove(TOKEN, MONEY, 6, VAULT.address, 20)
    return list(redemption_instructions(who, bytes(32), [voucher], [payout], None, [(MONEY, TOKEN)]))


def payment(who: RedemptionParties) -> list[Instruction]:
    own = associated_token_address(HOLDER, MONEY, TOKEN)
    moved = TokensToMove(TOKEN, MONEY, 6, own, 80)
    return list(plain_payment_instructions(who, bytes([3] * 32), moved, [(MONEY, TOKEN)]))


class TestOpening:
    @pytest.mark.parametrize("purpose", [KeyPurpose.TREASURY, KeyPurpose.VAULT_OPERATOR])
    @pytest.mark.parametrize("top_up", [0, 900])
    def test_whole_opening_is_known(self, purpose: KeyPurpose, top_up: int) -> None:
        assert shape(purpose, TREASURY, [*BUDGET, *opening(top_up=top_up)]) == TREASURY
        message = build_message(TREASURY, opening(top_up=top_up), BLOCKHASH)
        found = decode_vault_opening(message)
        assert (found.vault, found.funded, found.top_up, found.delegate) == (VAULT.address, 10**6, top_up, AUTHORITY)

    @pytest.mark.parametrize(
        "vault",
        [
            replace(VAULT, operator=STRANGER),
            replace(VAULT, delegate=STRANGER),
            replace(VAULT, sponsor=STRANGER),
        ],
        ids=["operator", "delegate", "sponsor"],
    )
    def test_other_parties_are_refused(self, vault: CampaignVault) -> None:
        refused(KeyPurpose.TREASURY, vault.sponsor, opening(vault))

    def test_operator_opens_for_other_treasuries_which_the_caller_must_know(self) -> None:
        assert shape(KeyPurpose.VAULT_OPERATOR, STRANGER, opening(replace(VAULT, sponsor=STRANGER))) == STRANGER

    @pytest.mark.parametrize(
        "change",
        [
            lambda steps: steps[:-1],
            lambda steps: [*steps[:-1], VAULT.approve(10**6 + 1)],
            lambda steps: [*steps, VAULT.approve(10**6)],
            lambda steps: [*steps, send_lamports(TREASURY, STRANGER, 1)],
            lambda steps: [send_lamports(TREASURY, STRANGER, 1), *steps[1:]],
            lambda steps: [*steps[:-2], steps[-1], steps[-2]],
            lambda steps: [
                *steps[:-1],
                approve(TOKEN, VAULT.source, MONEY, AUTHORITY, TREASURY, 10**6, 6),
            ],
            lambda steps: [
                *steps[:-2],
                send_tokens(TOKEN, VAULT.source, MONEY, bytes([9] * 32), TREASURY, 10**6, 6),
                steps[-1],
            ],
            lambda steps: [
                *steps[:-3],
                create_associated_token(TREASURY, STRANGER, MONEY, TOKEN),
                *steps[-2:],
            ],
            lambda steps: [steps[0], steps[1], Instruction(TOKEN, steps[2].accounts, b"\x13\x01"), *steps[3:]],
            lambda steps: [Instruction(TOKEN, (AccountMeta(VAULT.owner, False, True),), b"\x13\x02"), *steps],
        ],
    )  # fmt: skip
    @pytest.mark.parametrize("purpose", [KeyPurpose.TREASURY, KeyPurpose.VAULT_OPERATOR])
    def test_one_step_changed_added_or_left_out(
        self, purpose: KeyPurpose, change: Callable[[list[Instruction]], list[Instruction]]
    ) -> None:
        refused(purpose, TREASURY, change(opening()))

    def test_without_platform_keys_nothing_is_opened(self) -> None:
        with pytest.raises(SigningRefused):
            message = build_message(TREASURY, opening(), BLOCKHASH)
            require_known_shape(record(KeyPurpose.TREASURY), CHAIN, message, VaultKeys(None, None))


class TestMerchant:
    @pytest.mark.parametrize("make", [redemption, payment])
    def test_treasury_signs_as_the_merchant(self, make: Callable[[RedemptionParties], list[Instruction]]) -> None:
        assert shape(KeyPurpose.TREASURY, RELAYER, [*BUDGET, *make(parties())]) is None

    @pytest.mark.parametrize("make", [redemption, payment])
    def test_but_in_no_other_part(self, make: Callable[[RedemptionParties], list[Instruction]]) -> None:
        refused(KeyPurpose.TREASURY, RELAYER, make(parties(merchant=STRANGER)))
        refused(KeyPurpose.TREASURY, TREASURY, make(parties(payer=TREASURY)))
        assert "vault operator" in refused(KeyPurpose.VAULT_OPERATOR, RELAYER, make(parties()))

    def test_under_no_other_authority(self) -> None:
        assert "authority" in refused(KeyPurpose.TREASURY, RELAYER, redemption(parties(authority=STRANGER)))

    @pytest.mark.parametrize("make", [redemption, payment])
    def test_no_money_leaves_the_treasury(self, make: Callable[[RedemptionParties], list[Instruction]]) -> None:
        own = associated_token_address(TREASURY, MONEY, TOKEN)
        theirs = associated_token_address(STRANGER, MONEY, TOKEN)
        for added in (
            send_tokens(TOKEN, own, MONEY, theirs, TREASURY, 1, 6),
            approve(TOKEN, own, MONEY, STRANGER, TREASURY, 1, 6),
            send_lamports(TREASURY, STRANGER, 1),
        ):
            for steps in ([*make(parties()), added], [added, *make(parties())]):
                refused(KeyPurpose.TREASURY, RELAYER, steps)

    def test_bare_transfer_of_its_own_money_is_refused(self) -> None:
        """Each of its instructions is allowed in some transaction; this one is none of them."""
        own = associated_token_address(TREASURY, MONEY, TOKEN)
        theirs = associated_token_address(STRANGER, MONEY, TOKEN)
        refused(KeyPurpose.TREASURY, TREASURY, [send_tokens(TOKEN, own, MONEY, theirs, TREASURY, 1, 6)])

    def test_payment_is_read_whole(self) -> None:
        found = decode_plain_payment(build_message(RELAYER, payment(parties()), BLOCKHASH))
        assert (found.holder, found.merchant, found.mint, found.base_units) == (HOLDER, TREASURY, MONEY, 80)
        assert found.order_hash == bytes([3] * 32)
        with pytest.raises(InvalidValue):
            decode_plain_payment(build_message(RELAYER, payment(parties())[:1], BLOCKHASH))
