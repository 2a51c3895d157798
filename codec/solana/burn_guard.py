"""What keeps a holder from burning a voucher alone: the PermissionedBurn extension, or frozen accounts without it.

PERMISSIONED: every burn carries the redemption authority's signature. FROZEN, for clusters whose Token-2022 has no
PermissionedBurn: accounts begin frozen and the redemption authority is the mint's only freeze authority; it thaws an
account for the length of one transaction, so that every mint and burn needs its signature too.
"""

from __future__ import annotations

from enum import StrEnum

from codec.solana.instruction import Instruction
from codec.solana.programs import TOKEN_2022
from codec.solana.token import burn
from codec.solana.token_control import freeze_account, thaw_account
from codec.solana.token_extensions import permissioned_burn


class BurnGuard(StrEnum):
    PERMISSIONED = "permissioned_burn"
    FROZEN = "frozen_accounts"

    def burn(self, account: bytes, mint: bytes, authority: bytes, owner: bytes, units: int) -> Instruction:
        """To stand between what `opened` adds. `owner`: or the mint's permanent delegate. Keys of 32 bytes."""
        if self is BurnGuard.FROZEN:
            return burn(TOKEN_2022, account, mint, owner, units, 0)
        return permissioned_burn(account, mint, authority, owner, units)

    def opened(self, account: bytes, mint: bytes, authority: bytes, *inside: Instruction) -> tuple[Instruction, ...]:
        """The instructions that change one account, with what lets them happen around them."""
        if self is BurnGuard.PERMISSIONED:
            return inside
        return (
            thaw_account(TOKEN_2022, account, mint, authority),
            *inside,
            freeze_account(TOKEN_2022, account, mint, authority),
        )
