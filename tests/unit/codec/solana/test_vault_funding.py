"""The transaction that funds an open vault is read whole: one part changed, added or left out is another one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from codec.solana.associated_token import associated_token_address
from codec.solana.campaign_vault import CampaignVault
from codec.solana.compute_budget import set_compute_unit_limit, set_compute_unit_price
from codec.solana.instruction import Instruction
from codec.solana.message import build_message
from codec.solana.programs import TOKEN, TOKEN_2022
from codec.solana.system import transfer as send_lamports
from codec.solana.token import approve, transfer
from codec.solana.token_control import revoke
from codec.solana.vault_funding import decode_vault_funding, funds_vault
from primitives.errors import InvalidValue
from primitives.voucher_id import CampaignId

SPONSOR, OPERATOR, DELEGATE, STRANGER, MONEY, BLOCKHASH = (bytes([n] * 32) for n in range(1, 7))
VAULT = CampaignVault(CampaignId(bytes([7] * 24)), SPONSOR, OPERATOR, DELEGATE, MONEY, TOKEN, 6)
BUDGET = (set_compute_unit_limit(200_000), set_compute_unit_price(5))
Change = Callable[[list[Instruction]], list[Instruction]]


def message(steps: list[Instruction], payer: bytes = SPONSOR) -> bytes:
    return build_message(payer, [*BUDGET, *steps], BLOCKHASH)


@pytest.mark.parametrize("program", [TOKEN, TOKEN_2022])
def test_what_a_vault_writes_is_read(program: bytes) -> None:
    vault = replace(VAULT, token_program=program)
    both = message([vault.fund(5), vault.approve(70)])
    assert funds_vault(both)
    found = decode_vault_funding(both)
    assert (found.sponsor, found.operator, found.delegate) == (SPONSOR, OPERATOR, DELEGATE)
    assert (found.vault, found.settlement_mint, found.funded, found.allowance) == (vault.address, MONEY, 5, 70)
    renewal = decode_vault_funding(message([vault.approve(70)]))
    assert (renewal.funded, renewal.allowance) == (0, 70)


def test_an_opening_is_none() -> None:
    opening = [*VAULT.open(1), VAULT.create_account(), VAULT.fund(5), VAULT.approve(5)]
    assert not funds_vault(message(opening))
    assert not funds_vault(message([VAULT.fund(5)]))


@pytest.mark.parametrize(
    "change",
    [
        lambda steps: steps[:1],
        lambda steps: steps[::-1],
        lambda steps: [steps[0], *steps],
        lambda steps: [*steps, send_lamports(SPONSOR, STRANGER, 1)],
        lambda steps: [send_lamports(SPONSOR, STRANGER, 1), steps[1]],
        lambda steps: [revoke(TOKEN, VAULT.address, VAULT.owner, (SPONSOR, OPERATOR)), steps[1]],
        lambda steps: [transfer(TOKEN, VAULT.source, MONEY, STRANGER, SPONSOR, 5, 6), steps[1]],
        lambda steps: [transfer(TOKEN, VAULT.address, MONEY, VAULT.source, SPONSOR, 5, 6), steps[1]],
        lambda steps: [
            transfer(TOKEN, associated_token_address(OPERATOR, MONEY, TOKEN), MONEY, VAULT.address, OPERATOR, 5, 6),
            steps[1],
        ],
        lambda steps: [transfer(TOKEN_2022, VAULT.source, MONEY, VAULT.address, SPONSOR, 5, 6), steps[1]],
        lambda steps: [transfer(TOKEN, VAULT.source, MONEY, VAULT.address, SPONSOR, 5, 9), steps[1]],
        lambda steps: [steps[0], approve(TOKEN, VAULT.source, MONEY, DELEGATE, SPONSOR, 70, 6)],
        lambda steps: [
            steps[0],
            approve(TOKEN, VAULT.source, MONEY, DELEGATE, VAULT.owner, 70, 6, (SPONSOR, OPERATOR)),
        ],
        lambda steps: [
            steps[0],
            approve(TOKEN, VAULT.address, STRANGER, DELEGATE, VAULT.owner, 70, 6, (SPONSOR, OPERATOR)),
        ],
        lambda steps: [steps[0], replace(steps[1], data=steps[1].data + b"\0")],
        lambda steps: [steps[0], replace(steps[1], data=steps[1].data[:9])],
    ],
)  # fmt: skip
def test_one_part_changed_added_or_left_out_is_refused(change: Change) -> None:
    with pytest.raises(InvalidValue):
        decode_vault_funding(message(change([VAULT.fund(5), VAULT.approve(70)])))


@pytest.mark.parametrize("payer", [OPERATOR, STRANGER])
def test_only_the_sponsor_pays(payer: bytes) -> None:
    with pytest.raises(InvalidValue):
        decode_vault_funding(message([VAULT.approve(70)], payer))
