"""Token-2022 mints with whatever extensions a test needs."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from chains.intent import Intent, ProgramCall
from codec.solana.associated_token import associated_token_address, create_associated_token
from codec.solana.instruction import AccountMeta, Instruction
from codec.solana.programs import TOKEN_2022
from codec.solana.system import allocate_with_seed, seeded_address, transfer
from codec.solana.token import initialize_mint, mint_to
from primitives.account_id import AccountId
from primitives.asset import Asset, AssetId
from primitives.base58 import encode_base58
from tests.fakes.solana_cast import Cast


def transfer_fee(basis_points: int, maximum: int) -> bytes:
    """TransferFeeConfig without authorities: `1a 00` none none u16 u64."""
    return b"\x1a\x00\x00\x00" + struct.pack("<HQ", basis_points, maximum)


def transfer_hook(program: bytes) -> bytes:
    return b"\x24\x00" + bytes(32) + program


async def make_token(
    cast: Cast, seed: str, space: int, *initialisers: bytes, decimals: int = 2, freezer: AccountId | None = None
) -> Asset:
    """Made by the issuer, who is its mint authority too.

    Args:
        space: Bytes of the mint with these extensions.
        initialisers: Instruction data; each concerns the mint alone.
    """
    issuer = cast.issuer.raw
    mint = seeded_address(issuer, seed, TOKEN_2022)
    (rent,) = await cast.adapter.node.rents([space])
    steps = (
        transfer(issuer, mint, rent),
        allocate_with_seed(mint, issuer, seed, space, TOKEN_2022),
        *(Instruction(TOKEN_2022, (AccountMeta(mint, False, True),), data) for data in initialisers),
        initialize_mint(TOKEN_2022, mint, decimals, issuer, None if freezer is None else freezer.raw),
    )
    await cast.carry_out(Intent(cast.issuer, ProgramCall(steps)))
    return await cast.adapter.asset(AssetId.fungible(cast.node.chain_id, encode_base58(mint)))


def mint_of(asset: Asset) -> bytes:
    return AccountId(asset.id.chain, asset.id.reference).raw


def account_of(owner: AccountId, asset: Asset) -> bytes:
    return associated_token_address(owner.raw, mint_of(asset), TOKEN_2022)


async def give(cast: Cast, asset: Asset, owner: AccountId, base_units: int) -> None:
    """Mint; the issuer pays for the account."""
    mint = mint_of(asset)
    steps: Sequence[Instruction] = (
        create_associated_token(cast.issuer.raw, owner.raw, mint, TOKEN_2022),
        mint_to(TOKEN_2022, mint, account_of(owner, asset), cast.issuer.raw, base_units, asset.decimals),
    )
    await cast.carry_out(Intent(cast.issuer, ProgramCall(tuple(steps))))
