"""SPL Token and Token-2022 with its extensions, token metadata and groups.

Source: spl-token-2022 `TokenInstruction` and its `extension` modules (u8 tags, then u8 within an extension);
spl-token-metadata-interface and spl-token-group-interface (8-byte discriminators, borsh).
"""

from __future__ import annotations

import hashlib

from codec.solana.decoding.layout import Layout, Parsed
from codec.solana.decoding.reader import (
    Reader,
    account_state,
    amount,
    authority_type,
    checked_amount,
    flag,
    float64,
    key,
    key_or_zeros,
    metadata_field,
    number,
    option_key,
    rest_text,
    text,
    types,
)
from codec.solana.instruction import Instruction
from codec.solana.programs import TOKEN_2022

_AMOUNT = ("amount", amount)
_TOKENS = ("tokenAmount", checked_amount)
_MINT = ("mint",)
_MINT_FIELDS = (("decimals", number(1)), ("mintAuthority", key), ("freezeAuthority", option_key))
_M = ("m", number(1))
_MOVE = ("source", "mint", "destination")

_BASE = {
    0: Layout("initializeMint", _MINT_FIELDS, ("mint", "rentSysvar"), drop_absent=True),
    1: Layout("initializeAccount", (), ("account", "mint", "owner", "rentSysvar")),
    2: Layout("initializeMultisig", (_M,), ("multisig", "rentSysvar"), others="signers"),
    3: Layout("transfer", (_AMOUNT,), ("source", "destination"), "authority"),
    4: Layout("approve", (_AMOUNT,), ("source", "delegate"), "owner"),
    5: Layout("revoke", (), ("source",), "owner"),
    6: Layout(
        "setAuthority", (("authorityType", authority_type), ("newAuthority", option_key)), ("held",), "authority"
    ),
    7: Layout("mintTo", (_AMOUNT,), ("mint", "account"), "mintAuthority"),
    8: Layout("burn", (_AMOUNT,), ("account", "mint"), "authority"),
    9: Layout("closeAccount", (), ("account", "destination"), "owner"),
    10: Layout("freezeAccount", (), ("account", "mint"), "freezeAuthority"),
    11: Layout("thawAccount", (), ("account", "mint"), "freezeAuthority"),
    12: Layout("transferChecked", (_TOKENS,), _MOVE, "authority"),
    13: Layout("approveChecked", (_TOKENS,), ("source", "mint", "delegate"), "owner"),
    14: Layout("mintToChecked", (_TOKENS,), ("mint", "account"), "mintAuthority"),
    15: Layout("burnChecked", (_TOKENS,), ("account", "mint"), "authority"),
    16: Layout("initializeAccount2", (("owner", key),), ("account", "mint", "rentSysvar")),
    17: Layout("syncNative", (), ("account",)),
    18: Layout("initializeAccount3", (("owner", key),), ("account", "mint")),
    19: Layout("initializeMultisig2", (_M,), ("multisig",), others="signers"),
    20: Layout("initializeMint2", _MINT_FIELDS, _MINT, drop_absent=True),
    21: Layout("getAccountDataSize", (("extensionTypes", types),), _MINT),
    22: Layout("initializeImmutableOwner", (), ("account",)),
    23: Layout("amountToUiAmount", (_AMOUNT,), _MINT),
    24: Layout("uiAmountToAmount", (("uiAmount", rest_text),), _MINT),
    25: Layout("initializeMintCloseAuthority", (("newAuthority", option_key),), _MINT),
    29: Layout("reallocate", (("extensionTypes", types),), ("account", "payer", "systemProgram"), "owner"),
    31: Layout("createNativeMint", (), ("payer", "nativeMint", "systemProgram")),
    32: Layout("initializeNonTransferableMint", (), _MINT),
    35: Layout("initializePermanentDelegate", (("delegate", key),), _MINT),
    38: Layout("withdrawExcessLamports", (), ("source", "destination"), "authority"),
    45: Layout("unwrapLamports", (), ("source", "destination"), "owner"),
}

_FEES = (("transferFeeBasisPoints", number(2)), ("maximumFee", number(8)))
_HOOK = ("programId", key_or_zeros)
_AUTHORITY = ("authority", key_or_zeros)


def _pointer(name: str, field: str) -> dict[int, Layout]:
    return {
        0: Layout(f"initialize{name}", (_AUTHORITY, (field, key_or_zeros)), _MINT, drop_absent=True),
        1: Layout(f"update{name}", ((field, key_or_zeros),), _MINT, "authority", drop_absent=True),
    }


_EXTENSIONS = {
    26: {
        0: Layout(
            "initializeTransferFeeConfig",
            (("transferFeeConfigAuthority", option_key), ("withdrawWithheldAuthority", option_key), *_FEES),
            _MINT,
            drop_absent=True,
        ),
        1: Layout("transferCheckedWithFee", (_TOKENS, ("feeAmount", amount)), _MOVE, "authority"),
        2: Layout("withdrawWithheldTokensFromMint", (), ("mint", "feeRecipient"), "withdrawWithheldAuthority"),
        3: Layout(
            "withdrawWithheldTokensFromAccounts",
            (("numTokenAccounts", number(1)),),
            ("mint", "feeRecipient"),
            "withdrawWithheldAuthority",
            "sourceAccounts",
        ),
        4: Layout("harvestWithheldTokensToMint", (), _MINT, others="sourceAccounts"),
        5: Layout("setTransferFee", _FEES, _MINT, "transferFeeConfigAuthority"),
    },
    28: {
        0: Layout("initializeDefaultAccountState", (("accountState", account_state),), _MINT),
        1: Layout("updateDefaultAccountState", (("accountState", account_state),), _MINT, "freezeAuthority"),
    },
    30: {
        0: Layout("enableRequiredMemoTransfers", (), ("account",), "owner"),
        1: Layout("disableRequiredMemoTransfers", (), ("account",), "owner"),
    },
    33: {
        0: Layout(
            "initializeInterestBearingConfig",
            (("rateAuthority", key_or_zeros), ("rate", number(2, signed=True))),
            _MINT,
        ),
        1: Layout("updateInterestBearingConfigRate", (("newRate", number(2, signed=True)),), _MINT, "rateAuthority"),
    },
    34: {
        0: Layout("enableCpiGuard", (), ("account",), "owner"),
        1: Layout("disableCpiGuard", (), ("account",), "owner"),
    },
    36: {
        0: Layout("initializeTransferHook", (_AUTHORITY, _HOOK), _MINT, drop_absent=True),
        1: Layout("updateTransferHook", (_HOOK,), _MINT, "authority", drop_absent=True),
    },
    39: _pointer("MetadataPointer", "metadataAddress"),
    40: _pointer("GroupPointer", "groupAddress"),
    41: _pointer("GroupMemberPointer", "memberAddress"),
    43: {
        0: Layout("initializeScaledUiAmountConfig", (_AUTHORITY, ("multiplier", float64)), _MINT),
        1: Layout(
            "updateMultiplier",
            (("newMultiplier", float64), ("newMultiplierTimestamp", number(8, signed=True))),
            _MINT,
            "authority",
        ),
    },
    44: {
        0: Layout("initializePausableConfig", (_AUTHORITY,), _MINT, drop_absent=True),
        1: Layout("pause", (), _MINT, "authority"),
        2: Layout("resume", (), _MINT, "authority"),
    },
    46: {
        0: Layout("initializePermissionedBurn", (_AUTHORITY,), _MINT, drop_absent=True),
        1: Layout("permissionedBurn", (_AMOUNT,), ("account", "mint", "permissionedBurnAuthority"), "authority"),
        2: Layout("permissionedBurnChecked", (_TOKENS,), ("account", "mint", "permissionedBurnAuthority"), "authority"),
    },
}


def _discriminator(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()[:8]


_METADATA = ("metadata", "updateAuthority")
_STRING = text(4)
_INTERFACES = {
    _discriminator("spl_token_metadata_interface:initialize_account"): Layout(
        "initializeTokenMetadata",
        (("name", _STRING), ("symbol", _STRING), ("uri", _STRING)),
        ("metadata", "updateAuthority", "mint", "mintAuthority"),
    ),
    _discriminator("spl_token_metadata_interface:updating_field"): Layout(
        "updateTokenMetadataField", (("field", metadata_field), ("value", _STRING)), _METADATA
    ),
    _discriminator("spl_token_metadata_interface:remove_key_ix"): Layout(
        "removeTokenMetadataKey", (("idempotent", flag), ("key", _STRING)), _METADATA
    ),
    _discriminator("spl_token_metadata_interface:update_the_authority"): Layout(
        "updateTokenMetadataAuthority", (("newAuthority", key_or_zeros),), _METADATA
    ),
    _discriminator("spl_token_group_interface:initialize_token_group"): Layout(
        "initializeTokenGroup",
        (("updateAuthority", key_or_zeros), ("maxSize", number(8))),
        ("group", "mint", "mintAuthority"),
    ),
    _discriminator("spl_token_group_interface:update_group_max_size"): Layout(
        "updateTokenGroupMaxSize", (("maxSize", number(8)),), ("group", "updateAuthority")
    ),
    _discriminator("spl_token_group_interface:update_authority"): Layout(
        "updateTokenGroupAuthority", (("newAuthority", key_or_zeros),), ("group", "updateAuthority")
    ),
    _discriminator("spl_token_group_interface:initialize_member"): Layout(
        "initializeTokenGroupMember",
        (),
        ("member", "memberMint", "memberMintAuthority", "group", "groupUpdateAuthority"),
    ),
}

_ON_ACCOUNTS = frozenset({"accountOwner", "closeAccount"})


def parse(instruction: Instruction) -> Parsed | None:
    """None for a tag that is not known. Raises InvalidValue when its fields cannot be read."""
    if instruction.program == TOKEN_2022:
        interface = _INTERFACES.get(instruction.data[:8])
        if interface is not None:
            return Parsed("spl-token", interface.kind, interface.read(Reader(instruction.data[8:]), instruction))
    reader = Reader(instruction.data)
    tag = reader.integer(1)
    layout = _BASE.get(tag)
    if tag in _EXTENSIONS:
        layout = _EXTENSIONS[tag].get(reader.integer(1))
    if layout is None:
        return None
    facts = layout.read(reader, instruction)
    if layout.kind == "setAuthority":
        held = "account" if facts["authorityType"] in _ON_ACCOUNTS else "mint"
        facts = {held: facts.pop("held"), **facts}
    return Parsed("spl-token", layout.kind, facts)
