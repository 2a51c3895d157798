"""What somebody can still do to the holders of a token, read from its mint."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from codec.solana.token import Mint
from codec.solana.token_extensions import FROZEN_STATE, ExtensionType, parse_extensions
from codec.solana.token_metadata import TokenMetadata
from primitives.base58 import encode_base58
from primitives.errors import InvalidValue


class MintPower(StrEnum):
    """`value` is stable; `MINT_POWER_TEXT` says it in words."""

    MINT = "mint"
    FREEZE = "freeze"
    PAUSE = "pause"
    BURN_FROM_ANYBODY = "burn_from_anybody"
    CO_SIGN_BURNS = "co_sign_burns"
    CLOSE_MINT = "close_mint"
    TAKE_FEES = "take_fees"
    RUN_CODE_ON_TRANSFER = "run_code_on_transfer"
    CHANGE_METADATA = "change_metadata"
    NOBODY_CAN_TRANSFER = "nobody_can_transfer"
    ACCOUNTS_BEGIN_FROZEN = "accounts_begin_frozen"


MINT_POWER_TEXT = {
    MintPower.MINT: "{who} can issue more units",
    MintPower.FREEZE: "{who} can freeze an account, so that its units cannot be used",
    MintPower.PAUSE: "{who} can stop all issuing, burning and transferring for a while",
    MintPower.BURN_FROM_ANYBODY: "{who} can take or burn units of every holder without asking",
    MintPower.CO_SIGN_BURNS: "units are used up only with the signature of {who} beside the holder's",
    MintPower.CLOSE_MINT: "{who} can close the mint once no unit is left",
    MintPower.TAKE_FEES: "{who} can keep a part of each transfer",
    MintPower.RUN_CODE_ON_TRANSFER: "each transfer runs the program {who}, which may refuse it",
    MintPower.CHANGE_METADATA: "{who} can change the token's name and description",
    MintPower.NOBODY_CAN_TRANSFER: "units cannot be transferred from one holder to another",
    MintPower.ACCOUNTS_BEGIN_FROZEN: "new accounts are frozen until somebody thaws them",
}


@dataclass(frozen=True, slots=True)
class HeldPower:
    """`who`: 32 bytes; None where the power is a property of the token."""

    power: MintPower
    who: bytes | None

    def __str__(self) -> str:
        return MINT_POWER_TEXT[self.power].format(who="" if self.who is None else encode_base58(self.who))


_BY_KEY = {
    ExtensionType.MINT_CLOSE_AUTHORITY: (MintPower.CLOSE_MINT, 0),
    ExtensionType.PERMANENT_DELEGATE: (MintPower.BURN_FROM_ANYBODY, 0),
    ExtensionType.PAUSABLE: (MintPower.PAUSE, 0),
    ExtensionType.PERMISSIONED_BURN: (MintPower.CO_SIGN_BURNS, 0),
    ExtensionType.TRANSFER_FEE_CONFIG: (MintPower.TAKE_FEES, 0),
    ExtensionType.TRANSFER_HOOK: (MintPower.RUN_CODE_ON_TRANSFER, 32),
}
"""Extension to power, and where in its value the key stands (zeros: nobody)."""


def mint_powers(data: bytes) -> tuple[HeldPower, ...]:
    """Every power that a mint's account data shows, in a fixed order.

    Raises:
        InvalidValue: Not an initialised mint.
    """
    mint = Mint.parse(data)
    extensions = parse_extensions(data)
    found = []
    if mint.authority is not None:
        found.append(HeldPower(MintPower.MINT, mint.authority))
    if mint.freeze_authority is not None:
        found.append(HeldPower(MintPower.FREEZE, mint.freeze_authority))
    for kind, (power, offset) in _BY_KEY.items():
        key = extensions.get(kind, b"")[offset : offset + 32]
        if any(key):
            found.append(HeldPower(power, key))
    if ExtensionType.TOKEN_METADATA in extensions:
        try:
            authority = TokenMetadata.parse(extensions[ExtensionType.TOKEN_METADATA]).update_authority
        except InvalidValue:
            authority = None
        if authority is not None:
            found.append(HeldPower(MintPower.CHANGE_METADATA, authority))
    if ExtensionType.NON_TRANSFERABLE in extensions:
        found.append(HeldPower(MintPower.NOBODY_CAN_TRANSFER, None))
    if extensions.get(ExtensionType.DEFAULT_ACCOUNT_STATE) == bytes([FROZEN_STATE]):
        found.append(HeldPower(MintPower.ACCOUNTS_BEGIN_FROZEN, None))
    return tuple(found)
