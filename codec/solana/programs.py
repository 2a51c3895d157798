"""Addresses of the programs and sysvars that we call, 32 bytes each.

Source: the program ids published by the Solana documentation ("Core Programs") and by the SPL repositories.
"""

from primitives.base58 import decode_base58

SYSTEM = bytes(32)
TOKEN = decode_base58("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA", length=32)
TOKEN_2022 = decode_base58("TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb", length=32)
ASSOCIATED_TOKEN = decode_base58("ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL", length=32)
MEMO = decode_base58("MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr", length=32)
COMPUTE_BUDGET = decode_base58("ComputeBudget111111111111111111111111111111", length=32)
UPGRADEABLE_LOADER = decode_base58("BPFLoaderUpgradeab1e11111111111111111111111", length=32)
ADDRESS_LOOKUP_TABLE = decode_base58("AddressLookupTab1e1111111111111111111111111", length=32)
RECENT_BLOCKHASHES_SYSVAR = decode_base58("SysvarRecentB1ockHashes11111111111111111111", length=32)
RENT_SYSVAR = decode_base58("SysvarRent111111111111111111111111111111111", length=32)
NATIVE_MINT = decode_base58("So11111111111111111111111111111111111111112", length=32)
"""The mint of wrapped SOL in SPL Token: an account of it holds one token per lamport above its rent."""
CLOCK_SYSVAR = decode_base58("SysvarC1ock11111111111111111111111111111111", length=32)

TOKEN_PROGRAMS = frozenset({TOKEN, TOKEN_2022})
"""Programs whose mints and accounts share the base layout of `codec.solana.token`."""
