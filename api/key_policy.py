"""What each kind of service key may sign on each family of chains. Nothing else is ever allowed (docs/adr/0001)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from codec.evm.book.interface import book_abi
from codec.evm.claim_ticket import TICKET
from codec.evm.create2 import BOOK_SALT, DEPLOYER
from codec.evm.erc20 import erc20_abi
from codec.solana import programs
from keystore.limits.model import KeyLimit
from keystore.policy import CallTarget, ProgramTarget, Target, TypedDataTarget
from primitives.asset import Asset
from primitives.signing import KeyPurpose

_BOOK_FUNCTIONS = {
    # The contract lets a relayer do these for a merchant that appointed it, and pays escrow and that merchant alone.
    KeyPurpose.RELAYER: (
        "redeemSigned",
        "payAndRedeem",
        "redeemFromDrop",
        "claim",
        "claimFromDrop",
        "redeemBestEffort",
        "reverse",
        "returnPayout",
        "settle",
    ),
    KeyPurpose.ISSUER: (
        "createCampaign",
        "issue",
        "commitDrop",
        "voidVoucher",
        "pause",
        "unpause",
        "addMerchant",
        "removeMerchant",
    ),
    KeyPurpose.TREASURY: ("fund", "reclaim"),
}

_PERMISSIONED_BURN = bytes([46, 2])
_MULTISIG_INIT, _TRANSFER_CHECKED, _APPROVE_CHECKED, _INIT_ACCOUNT = (bytes([n]) for n in (19, 12, 13, 18))
_REVOKE, _CLOSE_ACCOUNT, _MINT_TO = (bytes([n]) for n in (5, 9, 14))
_SYSTEM_TRANSFER, _ALLOCATE_WITH_SEED, _ASSIGN_WITH_SEED = (n.to_bytes(4, "little") for n in (2, 9, 10))

_REDEMPTION = (
    ProgramTarget(programs.COMPUTE_BUDGET),
    ProgramTarget(programs.ASSOCIATED_TOKEN),
    ProgramTarget(programs.MEMO),
    ProgramTarget(programs.TOKEN_2022, _PERMISSIONED_BURN),
    ProgramTarget(programs.TOKEN_2022, _TRANSFER_CHECKED),
    ProgramTarget(programs.TOKEN, _TRANSFER_CHECKED),
)

_MAKING_ACCOUNTS = (
    ProgramTarget(programs.SYSTEM, _SYSTEM_TRANSFER),
    ProgramTarget(programs.SYSTEM, _ALLOCATE_WITH_SEED),
    ProgramTarget(programs.SYSTEM, _ASSIGN_WITH_SEED),
)

_VAULT = (
    *_MAKING_ACCOUNTS,
    ProgramTarget(programs.COMPUTE_BUDGET),
    ProgramTarget(programs.ASSOCIATED_TOKEN),
    ProgramTarget(programs.MEMO),
    *(
        ProgramTarget(program, prefix)
        for program in sorted(programs.TOKEN_PROGRAMS)
        for prefix in (
            _MULTISIG_INIT,
            _INIT_ACCOUNT,
            _TRANSFER_CHECKED,
            _APPROVE_CHECKED,
            _REVOKE,
            _CLOSE_ACCOUNT,
        )
    ),
)

_SOLANA: dict[KeyPurpose, tuple[Target, ...]] = {
    KeyPurpose.RELAYER: _REDEMPTION,
    # The issuer makes mints with every extension and mints to holders: all of Token-2022. Of the other token program
    # only a transfer, which a merchant signs beside it when a redemption is reversed.
    KeyPurpose.ISSUER: (
        *_MAKING_ACCOUNTS,
        ProgramTarget(programs.COMPUTE_BUDGET),
        ProgramTarget(programs.ASSOCIATED_TOKEN),
        ProgramTarget(programs.MEMO),
        ProgramTarget(programs.TOKEN_2022),
        ProgramTarget(programs.TOKEN, _TRANSFER_CHECKED),
    ),
    KeyPurpose.TREASURY: (
        *_VAULT,
        ProgramTarget(programs.TOKEN_2022, _PERMISSIONED_BURN),
        ProgramTarget(programs.TOKEN_2022, _MINT_TO),
    ),
    KeyPurpose.VAULT_OPERATOR: _VAULT,
}


def evm_targets(books: Sequence[bytes], relayer: bytes, tokens: Iterable[Asset]) -> dict[KeyPurpose, Sequence[Target]]:
    """Rules on an EVM chain.

    Args:
        books: Addresses of the voucher books, 20 bytes each; only they may take a treasury's tokens.
        relayer: Address of the platform's relayer, 20 bytes; the only one that a treasury lets speak for it.
        tokens: Settlement tokens.
    """
    targets: dict[KeyPurpose, list[Target]] = {
        purpose: [CallTarget(book, book_abi().selector(name)) for book in books for name in functions]
        for purpose, functions in _BOOK_FUNCTIONS.items()
    }
    # The deployment proxy takes salt ‖ init code.
    targets[KeyPurpose.RELAYER].append(CallTarget(DEPLOYER, BOOK_SALT))
    contracts = [bytes.fromhex(token.id.reference[2:]) for token in tokens if not token.id.is_native]
    for book in books:
        targets[KeyPurpose.TREASURY].append(CallTarget(book, book_abi().selector("setRelayer") + _argument(relayer)))
        approve = erc20_abi().selector("approve") + _argument(book)
        targets[KeyPurpose.TREASURY] += [CallTarget(contract, approve) for contract in contracts]
        # A ticket lets its one holder claim one voucher of the issuer's own campaign, within the cap.
        targets[KeyPurpose.ISSUER].append(TypedDataTarget(book, TICKET))
    return dict(targets)


def _argument(address: bytes) -> bytes:
    """An address as the ABI encodes it."""
    return address.rjust(32, b"\0")


def solana_targets() -> dict[KeyPurpose, Sequence[Target]]:
    """Rules on a Solana cluster. The redemption authority has none: it judges whole redemptions by campaign rules."""
    return dict(_SOLANA)


_HOUR = 3600
_GWEI = 10**9
_SOL = 10**9


def evm_limits() -> dict[KeyPurpose, KeyLimit]:
    """What service keys may spend in an hour on an EVM chain, in wei. None of their calls carries value."""
    fees = KeyLimit(value=0, fee=10**9 * _GWEI, window_seconds=_HOUR, window_value=0, window_fee=200 * 10**9 * _GWEI)
    return dict.fromkeys((KeyPurpose.RELAYER, KeyPurpose.ISSUER, KeyPurpose.TREASURY), fees)


def solana_limits() -> dict[KeyPurpose, KeyLimit]:
    """What service keys may spend in an hour on a Solana cluster, in lamports: rent for what they make, and fees."""
    rent = KeyLimit(value=_SOL // 10, fee=_SOL // 100, window_seconds=_HOUR, window_value=20 * _SOL, window_fee=_SOL)
    none = KeyLimit(value=0, fee=_SOL // 100, window_seconds=_HOUR, window_value=0, window_fee=_SOL)
    return {
        KeyPurpose.ISSUER: rent,
        KeyPurpose.TREASURY: rent,
        KeyPurpose.RELAYER: none,
        KeyPurpose.VAULT_OPERATOR: KeyLimit(value=0, fee=0),
    }
