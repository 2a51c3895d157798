"""Encodings that no Python library has, against those of the JavaScript one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from codec.solana import token_extensions, token_metadata
from codec.solana.instruction import Instruction
from codec.solana.programs import TOKEN_2022
from codec.solana.token import initialize_mint
from codec.solana.token_extensions import ExtensionType
from primitives.base58 import encode_base58

VECTORS = json.loads((Path(__file__).parents[3] / "vectors" / "solana_token_2022.json").read_text())
A, B, C, D = (bytes([n]) * 32 for n in range(1, 5))

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
    assert token_extensions.account_length(extensions) == sizes["account_non_transferable"]
