"""Whether a cluster's Token-2022 has the PermissionedBurn extension (version 11 and later)."""

from __future__ import annotations

from chains.solana.node import SolanaNode
from codec.solana.programs import TOKEN_2022, UPGRADEABLE_LOADER
from primitives.errors import FeatureUnavailable

# The name that the program logs when it runs the instruction, so it stands in its code.
_MARK = b"PermissionedBurnInstruction"


async def require_permissioned_burn(node: SolanaNode) -> None:
    """Look for the extension in the program's code.

    A program of the upgradeable loader is u32 2 ‖ address of its data account.

    Raises:
        FeatureUnavailable: The cluster's Token-2022 is too old for campaigns.
        NodeUnavailable

    Source: solana-loader-v3-interface, `UpgradeableLoaderState`.
    """
    program = await node.account(TOKEN_2022)
    code = b"" if program is None else program.data
    if program is not None and program.owner == UPGRADEABLE_LOADER and len(program.data) >= 36:
        held = await node.account(program.data[4:36])
        code = b"" if held is None else held.data
    if _MARK not in code:
        raise FeatureUnavailable(
            "this cluster's Token-2022 has no PermissionedBurn, which campaigns need: choose another cluster",
            feature="PermissionedBurn",
        )
