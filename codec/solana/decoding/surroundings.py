"""What stands beside the money in a transaction: associated accounts, lookup tables, memos, the compute budget.

Source: spl-associated-token-account `AssociatedTokenAccountInstruction`; solana-address-lookup-table-interface
`ProgramInstruction` (bincode: u32 tag); solana-compute-budget-interface (borsh: u8 tag).
"""

from __future__ import annotations

from codec.solana.decoding.layout import Layout, Parsed
from codec.solana.decoding.reader import Reader, keys, number, rest_text
from codec.solana.instruction import Instruction
from primitives.base58 import encode_base58

_ASSOCIATED_PARTS = ("source", "account", "wallet", "mint", "systemProgram", "tokenProgram")
_ASSOCIATED = {
    0: Layout("create", (), _ASSOCIATED_PARTS),
    1: Layout("createIdempotent", (), _ASSOCIATED_PARTS),
    2: Layout(
        "recoverNested",
        (),
        ("nestedSource", "nestedMint", "destination", "nestedOwner", "ownerMint", "wallet", "tokenProgram"),
    ),
}

_TABLE = ("lookupTableAccount", "lookupTableAuthority")
_LOOKUP_TABLES = {
    0: Layout(
        "createLookupTable",
        (("recentSlot", number(8)), ("bumpSeed", number(1))),
        (*_TABLE, "payerAccount", "systemProgram"),
    ),
    1: Layout("freezeLookupTable", (), _TABLE),
    2: Layout("extendLookupTable", (("newAddresses", keys),), _TABLE),
    3: Layout("deactivateLookupTable", (), _TABLE),
    4: Layout("closeLookupTable", (), (*_TABLE, "recipient")),
}

_BUDGET = {
    1: Layout("requestHeapFrame", (("bytes", number(4)),)),
    2: Layout("setComputeUnitLimit", (("units", number(4)),)),
    3: Layout("setComputeUnitPrice", (("microLamports", number(8)),)),
    4: Layout("setLoadedAccountsDataSizeLimit", (("bytes", number(4)),)),
}


def parse_associated_token(instruction: Instruction) -> Parsed | None:
    """Empty data is `create`, as the program has it."""
    tag = instruction.data[0] if instruction.data else 0
    layout = _ASSOCIATED.get(tag)
    if layout is None:
        return None
    return Parsed("spl-associated-token-account", layout.kind, layout.read(Reader(b""), instruction))


def parse_lookup_table(instruction: Instruction) -> Parsed | None:
    reader = Reader(instruction.data)
    layout = _LOOKUP_TABLES.get(reader.integer(4))
    if layout is None:
        return None
    facts = layout.read(reader, instruction)
    if layout.kind == "extendLookupTable" and len(instruction.accounts) >= 4:
        payer, system = (encode_base58(meta.key) for meta in instruction.accounts[2:4])
        facts |= {"payerAccount": payer, "systemProgram": system}
    return Parsed("address-lookup-table", layout.kind, facts)


def parse_compute_budget(instruction: Instruction) -> Parsed | None:
    reader = Reader(instruction.data)
    layout = _BUDGET.get(reader.integer(1))
    return Parsed("compute-budget", layout.kind, layout.read(reader, instruction)) if layout else None


def parse_memo(instruction: Instruction) -> Parsed | None:
    signers = [encode_base58(meta.key) for meta in instruction.accounts]
    return Parsed("spl-memo", "memo", {"memo": rest_text(Reader(instruction.data)), "signers": signers})
