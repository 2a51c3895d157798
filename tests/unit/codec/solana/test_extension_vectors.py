"""Encodings that no Python library has, against those of the JavaScript one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from codec.solana import (
    associated_token,
    compute_budget,
    lookup_table,
    nonce,
    system,
    token,
    token_control,
    token_extensions,
    token_metadata,
)
from codec.solana.instruction import Instruction
from codec.solana.message import decode_message
from codec.solana.programs import TOKEN, TOKEN_2022
from codec.solana.token import initialize_mint
from codec.solana.token_control import AuthorityType
from codec.solana.token_extensions import ExtensionType
from primitives.base58 import encode_base58
from primitives.errors import InvalidValue

VECTORS = json.loads((Path(__file__).parents[3] / "vectors" / "solana_token_2022.json").read_text())
A, B, C, D, E = (bytes([n]) * 32 for n in range(1, 6))
CHECKED = token.transfer(TOKEN_2022, A, B, C, D, 1_000, 6)

OURS = {
    "initialize_metadata_pointer": token_extensions.initialize_metadata_pointer(A, None, A),
    "initialize_non_transferable": token_extensions.initialize_non_transferable(A),
    "initialize_permissioned_burn": token_extensions.initialize_permissioned_burn(A, B),
    "initialize_mint_close_authority": token_extensions.initialize_mint_close_authority(A, B),
    "permissioned_burn": token_extensions.permissioned_burn(A, B, C, D, 77),
    "initialize_mint": initialize_mint(TOKEN_2022, A, 0, B, None),
    "initialize_metadata": token_metadata.initialize_metadata(A, B, C, "满100减20", "SYM", ""),
    "update_field": token_metadata.update_field(A, B, "campaign", "值"),
    "renounce_update_authority": token_metadata.renounce_update_authority(A, B),
    "initialize_pausable": token_extensions.initialize_pausable(A, B),
    "pause": token_extensions.pause(A, B),
    "resume": token_extensions.resume(A, B),
    "initialize_permanent_delegate": token_extensions.initialize_permanent_delegate(A, B),
    "initialize_default_frozen": token_extensions.initialize_default_frozen(A),
    "require_memo": token_extensions.require_memo(A, B, required=True),
    "do_not_require_memo": token_extensions.require_memo(A, B, required=False),
    "reallocate": token_extensions.reallocate(A, B, C, [ExtensionType.MEMO_TRANSFER, ExtensionType.CPI_GUARD]),
    "transfer_with_fee": token_extensions.transfer_with_fee(CHECKED, 25),
    "freeze_account": token_control.freeze_account(TOKEN_2022, A, B, C),
    "thaw_account": token_control.thaw_account(TOKEN_2022, A, B, C),
    "close_account": token_control.close_account(TOKEN_2022, A, B, C),
    "close_account_by_multisig": token_control.close_account(TOKEN, A, B, C, (D, E)),
    "sync_native": token_control.sync_native(TOKEN, A),
    "revoke": token_control.revoke(TOKEN, A, B),
    "revoke_by_multisig": token_control.revoke(TOKEN, A, C, (D, E)),
    "set_authority": token_control.set_authority(TOKEN_2022, A, B, AuthorityType.MINT_TOKENS, C),
    "give_authority_up": token_control.set_authority(TOKEN_2022, A, B, AuthorityType.FREEZE_ACCOUNT, None),
    "set_pause_authority": token_control.set_authority(TOKEN_2022, A, B, AuthorityType.PAUSE, C),
    "set_delegate": token_control.set_authority(TOKEN_2022, A, B, AuthorityType.PERMANENT_DELEGATE, C),
    "set_burn_authority": token_control.set_authority(TOKEN_2022, A, B, AuthorityType.PERMISSIONED_BURN, C),
    "mint_to": token.mint_to(TOKEN_2022, A, B, C, 7, 0),
    "burn": token.burn(TOKEN_2022, A, B, C, 7, 0),
    "transfer": token.transfer(TOKEN, A, B, C, D, 7, 6),
    "transfer_by_multisig": token.transfer(TOKEN, A, B, C, D, 7, 6, (E,)),
    "approve": token.approve(TOKEN, A, B, C, D, 7, 6, (E,)),
    "create_associated_token": associated_token.create_associated_token(A, B, C, TOKEN_2022),
    "system_transfer": system.transfer(A, B, 2**40 + 3),
    "allocate_with_seed": system.allocate_with_seed(A, B, "a seed", 310, C),
    "assign_with_seed": system.assign_with_seed(A, B, "a seed", C),
    "initialize_nonce": nonce.initialize_nonce(A, B),
    "advance_nonce": nonce.advance_nonce(A, B),
    "withdraw_nonce": nonce.withdraw_nonce(A, B, C, 77),
    "create_lookup_table": lookup_table.create_lookup_table(A, B, 123_456_789),
    "extend_lookup_table": lookup_table.extend_lookup_table(A, B, C, [D, E]),
    "freeze_lookup_table": lookup_table.freeze_lookup_table(A, B),
    "deactivate_lookup_table": lookup_table.deactivate_lookup_table(A, B),
    "close_lookup_table": lookup_table.close_lookup_table(A, B, C),
    "compute_unit_limit": compute_budget.set_compute_unit_limit(70_001),
    "compute_unit_price": compute_budget.set_compute_unit_price(2**33),
}


def shown(instruction: Instruction) -> dict[str, object]:
    return {
        "program": encode_base58(instruction.program),
        "accounts": [[encode_base58(m.key), m.is_signer, m.is_writable] for m in instruction.accounts],
        "data": instruction.data.hex(),
    }


def test_every_vector_has_its_encoding() -> None:
    assert set(OURS) == set(VECTORS["instructions"])


@pytest.mark.parametrize("name", sorted(OURS))
def test_instruction_is_the_javascript_librarys(name: str) -> None:
    assert shown(OURS[name]) == VECTORS["instructions"][name]


def test_lengths_are_the_javascript_librarys() -> None:
    extensions = (
        ExtensionType.METADATA_POINTER,
        ExtensionType.NON_TRANSFERABLE,
        ExtensionType.PERMISSIONED_BURN,
        ExtensionType.MINT_CLOSE_AUTHORITY,
    )
    sizes = VECTORS["sizes"]
    assert token_extensions.mint_length(extensions) == sizes["mint"]
    assert (
        token_extensions.mint_length((*extensions, ExtensionType.PAUSABLE, ExtensionType.PERMANENT_DELEGATE))
        == (sizes["full_campaign_mint"])
    )
    frozen = [ExtensionType.DEFAULT_ACCOUNT_STATE if e is ExtensionType.PERMISSIONED_BURN else e for e in extensions]
    assert token_extensions.mint_length(frozen) == sizes["frozen_campaign_mint"]
    assert token_extensions.account_length(extensions) == sizes["account_non_transferable"]


def test_lookup_table_address_and_message_are_the_javascript_librarys() -> None:
    address, _ = lookup_table.lookup_table_address(A, 123_456_789)
    assert encode_base58(address) == VECTORS["lookup_table"]
    sent = [system.transfer(A, D, 5), system.transfer(A, E, 6)]
    table = {B: (E, C, D)}
    raw = lookup_table.build_message_with_tables(A, sent, b"\x09" * 32, table)
    assert raw.hex() == VECTORS["v0_message"]
    assert [shown(item) for item in lookup_table.resolved_instructions(decode_message(raw), table)] == [
        shown(item) for item in sent
    ]
    for short in ({}, {B: (E, C)}):
        with pytest.raises(InvalidValue):
            lookup_table.resolved_instructions(decode_message(raw), short)


def test_what_a_table_gives_to_read_is_not_written() -> None:
    made = associated_token.create_associated_token(A, B, C, TOKEN_2022)
    raw = lookup_table.build_message_with_tables(A, [made], bytes(32), {D: [meta.key for meta in made.accounts]})
    (read,) = lookup_table.resolved_instructions(decode_message(raw), {D: [meta.key for meta in made.accounts]})
    assert shown(read) == shown(made)
