"""What keeps holders from burning alone: what the cluster's Token-2022 offers, or what a mint was made with."""

from __future__ import annotations

from chains.solana.node import Account, SolanaNode
from codec.solana.burn_guard import BurnGuard
from codec.solana.programs import TOKEN_2022, UPGRADEABLE_LOADER
from codec.solana.token_extensions import ExtensionType, parse_extensions
from primitives.errors import FeatureUnavailable

# The name that the program logs when it runs the instruction, so it stands in its code.
_MARK = b"PermissionedBurnInstruction"


async def guard_of_cluster(node: SolanaNode) -> BurnGuard:
    """PermissionedBurn where the program's code has it (version 11 and later), else frozen accounts.

    A program of the upgradeable loader is u32 2 ‖ address of its data account.

    Raises:
        FeatureUnavailable: The cluster has no Token-2022 at all.
        NodeUnavailable

    Source: solana-loader-v3-interface, `UpgradeableLoaderState`.
    """
    program = await node.account(TOKEN_2022)
    if program is None:
        raise FeatureUnavailable(
            "this cluster has no Token-2022 program, which campaigns need: choose another cluster",
            feature="Token-2022",
        )
    code = program.data
    if program.owner == UPGRADEABLE_LOADER and len(program.data) >= 36:
        held = await node.account(program.data[4:36])
        code = b"" if held is None else held.data
    return BurnGuard.PERMISSIONED if _MARK in code else BurnGuard.FROZEN


def guard_of_mint(mint: Account | None) -> BurnGuard | None:
    """What an existing campaign was made with; None while its mint does not exist."""
    if mint is None or mint.owner != TOKEN_2022:
        return None
    if ExtensionType.PERMISSIONED_BURN in parse_extensions(mint.data):
        return BurnGuard.PERMISSIONED
    return BurnGuard.FROZEN
