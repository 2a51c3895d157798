"""System program, durable nonces included. Source: solana-system-interface, `SystemInstruction` (bincode: u32 tag)."""

from __future__ import annotations

from codec.solana.decoding.layout import Layout, Parsed
from codec.solana.decoding.reader import Reader, key, number, text
from codec.solana.instruction import Instruction

_LAMPORTS = ("lamports", number(8))
_SPACE = ("space", number(8))
_OWNER = ("owner", key)
_BASE = ("base", key)
_SEED = ("seed", text(8))
_NONCE = "nonceAccount"
_RECENT = "recentBlockhashesSysvar"

LAYOUTS = {
    0: Layout("createAccount", (_LAMPORTS, _SPACE, _OWNER), ("source", "newAccount")),
    1: Layout("assign", (_OWNER,), ("account",)),
    2: Layout("transfer", (_LAMPORTS,), ("source", "destination")),
    3: Layout("createAccountWithSeed", (_BASE, _SEED, _LAMPORTS, _SPACE, _OWNER), ("source", "newAccount")),
    4: Layout("advanceNonce", (), (_NONCE, _RECENT, "nonceAuthority")),
    5: Layout("withdrawFromNonce", (_LAMPORTS,), (_NONCE, "destination", _RECENT, "rentSysvar", "nonceAuthority")),
    6: Layout("initializeNonce", (("nonceAuthority", key),), (_NONCE, _RECENT, "rentSysvar")),
    7: Layout("authorizeNonce", (("newAuthorized", key),), (_NONCE, "nonceAuthority")),
    8: Layout("allocate", (_SPACE,), ("account",)),
    9: Layout("allocateWithSeed", (_BASE, _SEED, _SPACE, _OWNER), ("account",)),
    10: Layout("assignWithSeed", (_BASE, _SEED, _OWNER), ("account",)),
    11: Layout(
        "transferWithSeed",
        (_LAMPORTS, ("sourceSeed", text(8)), ("sourceOwner", key)),
        ("source", "sourceBase", "destination"),
    ),
    12: Layout("upgradeNonce", (), (_NONCE,)),
}


def parse(instruction: Instruction) -> Parsed | None:
    """None for a tag that is not known. Raises InvalidValue when its fields cannot be read."""
    reader = Reader(instruction.data)
    layout = LAYOUTS.get(reader.integer(4))
    return Parsed("system", layout.kind, layout.read(reader, instruction)) if layout else None
