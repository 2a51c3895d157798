"""Custom errors that contracts of others commonly fail with.

Sources: ERC-6093 (ERC-721 part; those of ERC-20 and ERC-1155 are in the interfaces of our own contracts).
"""

from __future__ import annotations

from functools import cache

from codec.evm.abi import Abi

_ERRORS = {
    "ERC721InvalidOwner": (("address", "owner"),),
    "ERC721NonexistentToken": (("uint256", "tokenId"),),
    "ERC721IncorrectOwner": (("address", "sender"), ("uint256", "tokenId"), ("address", "owner")),
    "ERC721InvalidSender": (("address", "sender"),),
    "ERC721InvalidReceiver": (("address", "receiver"),),
    "ERC721InsufficientApproval": (("address", "operator"), ("uint256", "tokenId")),
    "ERC721InvalidApprover": (("address", "approver"),),
    "ERC721InvalidOperator": (("address", "operator"),),
}


@cache
def standard_errors() -> Abi:
    """Of the standards, by selector."""
    return Abi(
        [
            {"type": "error", "name": name, "inputs": [{"type": kind, "name": field} for kind, field in fields]}
            for name, fields in _ERRORS.items()
        ]
    )
