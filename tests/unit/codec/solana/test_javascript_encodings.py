"""Every instruction that we build, byte for byte that of the JavaScript libraries (`tests/clients/encodings.mjs`)."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest

import codec.solana
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
from codec.solana.decoding.decode import explain_instruction
from codec.solana.decoding.words import SENTENCES
from codec.solana.instruction import Instruction
from codec.solana.programs import TOKEN, TOKEN_2022
from codec.solana.token_control import AuthorityType
from codec.solana.token_extensions import ExtensionType
from primitives.base58 import encode_base58
from tests.node_runtime import node_program

_SCRIPT = Path(__file__).parents[3] / "clients" / "encodings.mjs"
A, B, C, D, E, F = (bytes([number]) * 32 for number in range(1, 7))
_TABLE, _ = lookup_table.lookup_table_address(A, 12345)
_CHECKED = token.transfer(TOKEN_2022, A, B, C, D, 1000, 6)

OURS: Mapping[str, Instruction] = {
    "system.transfer": system.transfer(A, B, 2**40 + 3),
    "system.allocate_with_seed": system.allocate_with_seed(A, B, "a seed", 310, C),
    "system.assign_with_seed": system.assign_with_seed(A, B, "a seed", C),
    "nonce.initialize_nonce": nonce.initialize_nonce(A, B),
    "nonce.advance_nonce": nonce.advance_nonce(A, B),
    "nonce.withdraw_nonce": nonce.withdraw_nonce(A, B, C, 77),
    "compute_budget.set_compute_unit_limit": compute_budget.set_compute_unit_limit(70_001),
    "compute_budget.set_compute_unit_price": compute_budget.set_compute_unit_price(2**33),
    "associated_token.create_associated_token": associated_token.create_associated_token(C, A, B, TOKEN),
    "lookup_table.create_lookup_table": lookup_table.create_lookup_table(A, B, 12345),
    "lookup_table.extend_lookup_table": lookup_table.extend_lookup_table(A, B, C, [D, E]),
    "lookup_table.freeze_lookup_table": lookup_table.freeze_lookup_table(A, B),
    "lookup_table.deactivate_lookup_table": lookup_table.deactivate_lookup_table(A, B),
    "lookup_table.close_lookup_table": lookup_table.close_lookup_table(A, B, C),
    "token.initialize_mint": token.initialize_mint(TOKEN, A, 2, B, C),
    "token.initialize_mint without freezing": token.initialize_mint(TOKEN_2022, A, 0, B, None),
    "token.mint_to": token.mint_to(TOKEN, A, B, C, 2**50, 6),
    "token.burn": token.burn(TOKEN_2022, A, B, C, 77, 6),
    "token.transfer": token.transfer(TOKEN, A, B, C, D, 2**50, 6),
    "token.transfer by a multisig": token.transfer(TOKEN_2022, A, B, C, D, 5, 0, [E, F]),
    "token.approve": token.approve(TOKEN, A, B, C, D, 7, 6),
    "token.approve by a multisig": token.approve(TOKEN_2022, A, B, C, D, 7, 6, [E, F]),
    "token_control.revoke": token_control.revoke(TOKEN, A, B),
    "token_control.revoke by a multisig": token_control.revoke(TOKEN, A, B, [C, D]),
    "token_control.set_authority": token_control.set_authority(TOKEN, A, B, AuthorityType.ACCOUNT_OWNER, C),
    "token_control.set_authority given up": token_control.set_authority(
        TOKEN_2022, A, B, AuthorityType.MINT_TOKENS, None
    ),
    "token_control.close_account": token_control.close_account(TOKEN, A, B, C),
    "token_control.close_account by a multisig": token_control.close_account(TOKEN_2022, A, B, C, [D, E]),
    "token_control.freeze_account": token_control.freeze_account(TOKEN_2022, A, B, C),
    "token_control.thaw_account": token_control.thaw_account(TOKEN_2022, A, B, C),
    "token_control.sync_native": token_control.sync_native(TOKEN, A),
    "token_extensions.initialize_metadata_pointer": token_extensions.initialize_metadata_pointer(A, None, A),
    "token_extensions.initialize_non_transferable": token_extensions.initialize_non_transferable(A),
    "token_extensions.initialize_permissioned_burn": token_extensions.initialize_permissioned_burn(A, B),
    "token_extensions.initialize_mint_close_authority": token_extensions.initialize_mint_close_authority(A, B),
    "token_extensions.initialize_default_frozen": token_extensions.initialize_default_frozen(A),
    "token_extensions.initialize_permanent_delegate": token_extensions.initialize_permanent_delegate(A, B),
    "token_extensions.initialize_pausable": token_extensions.initialize_pausable(A, B),
    "token_extensions.pause": token_extensions.pause(A, B),
    "token_extensions.resume": token_extensions.resume(A, B),
    "token_extensions.require_memo": token_extensions.require_memo(A, B, required=True),
    "token_extensions.require_memo no more": token_extensions.require_memo(A, B, required=False),
    "token_extensions.reallocate": token_extensions.reallocate(A, B, C, [ExtensionType(8)]),
    "token_extensions.transfer_with_fee": token_extensions.transfer_with_fee(_CHECKED, 10),
    "token_extensions.permissioned_burn": token_extensions.permissioned_burn(A, B, C, D, 77),
    "token_metadata.initialize_metadata": token_metadata.initialize_metadata(A, B, C, "满100减20", "SYM", ""),
    "token_metadata.update_field": token_metadata.update_field(A, B, "campaign", "值"),
    "token_metadata.renounce_update_authority": token_metadata.renounce_update_authority(A, B),
}

# Compared elsewhere, or with nothing of their own.
_APART = {
    "memo.memo": "data is the text as it is; no JavaScript library of this set builds it",
    "redemption.move_tokens": "token.transfer with its addresses",
    "token.initialize_multisig": "the JavaScript library builds only the older form; compared with solana-py's bytes",
}


@pytest.fixture(scope="module")
def theirs() -> dict[str, Any]:
    done = subprocess.run(
        [str(node_program()), str(_SCRIPT)], cwd=_SCRIPT.parent, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, Any] = orjson.loads(done.stdout)
    return found


def _shown(instruction: Instruction) -> dict[str, Any]:
    return {
        "program": encode_base58(instruction.program),
        "accounts": [[encode_base58(m.key), m.is_signer, m.is_writable] for m in instruction.accounts],
        "data": instruction.data.hex(),
    }


@pytest.mark.parametrize("name", list(OURS))
def test_instruction_is_the_javascript_librarys(theirs: dict[str, Any], name: str) -> None:
    assert _shown(OURS[name]) == theirs["instructions"][name]


def test_addresses_and_lengths_are_too(theirs: dict[str, Any]) -> None:
    assert theirs["addresses"] == {
        "associated": encode_base58(associated_token.associated_token_address(A, B, TOKEN)),
        "table": encode_base58(_TABLE),
    }
    coupon = (
        ExtensionType.METADATA_POINTER,
        ExtensionType.NON_TRANSFERABLE,
        ExtensionType.PERMISSIONED_BURN,
        ExtensionType.MINT_CLOSE_AUTHORITY,
    )
    assert theirs["lengths"] == {"nonce": nonce.NONCE_LENGTH, "coupon": token_extensions.mint_length(coupon)}


def test_nothing_that_we_build_is_left_out() -> None:
    """Every public function of `codec.solana` that returns one instruction is compared, or says why it is not."""
    built = set()
    for module in pkgutil.iter_modules(codec.solana.__path__):
        found = importlib.import_module(f"codec.solana.{module.name}")
        for name, function in inspect.getmembers(found, inspect.isfunction):
            public = not name.startswith("_") and function.__module__ == found.__name__
            if public and function.__annotations__.get("return") == "Instruction":
                built.add(f"{module.name}.{name}")
    assert built - {name.partition(" ")[0] for name in OURS} - set(_APART) == set()


@pytest.mark.parametrize("name", list(OURS))
def test_what_we_build_can_be_read_in_words(name: str) -> None:
    """With every fact that its sentence names, in both languages."""
    plain = explain_instruction(OURS[name])
    assert plain.parsed is not None
    assert (plain.parsed.program, plain.parsed.kind) in SENTENCES
    assert "–" not in plain.english + plain.chinese
