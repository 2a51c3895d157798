"""The transaction that makes the deterministic deployer (`codec.evm.create2.DEPLOYER`) where a chain lacks it.

Its creation is signed once and for all without a chain id, by a key that nobody has: whoever pays the signer's gas can
send it on any chain that still takes such transactions, and it always lies at the same address.

Source: github.com/Arachnid/deterministic-deployment-proxy.
"""

from __future__ import annotations

DEPLOYER_RUNTIME = bytes.fromhex(
    "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe03601600081602082378035828234f58015156039578182fd5b"
    "8082525050506014600cf3"
)
"""Its code, wherever it is."""

DEPLOYER_SIGNER = bytes.fromhex("3fab184622dc19b6109349b94811493bf2a45362")
"""Pays for its creation: it needs `DEPLOYER_COST` first."""

DEPLOYER_COST = 100_000 * 100_000_000_000
"""Wei: gas limit times the gas price that the creation was signed with."""

DEPLOYER_CREATION = bytes.fromhex(
    "f8a58085174876e800830186a08080b853604580600e600039806000f350fe"
    "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe03601600081602082378035828234f58015156039578182fd5b"
    "8082525050506014600cf3"
    "1ba02222222222222222222222222222222222222222222222222222222222222222"
    "a02222222222222222222222222222222222222222222222222222222222222222"
)
"""The signed creation, a legacy transaction without EIP-155; its signature's numbers are visibly made up."""
