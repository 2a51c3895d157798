"""ERC-2612 permits: what is hashed is what an outside wallet is shown."""

from __future__ import annotations

from codec.evm.permit import PERMIT_TYPEHASH, Permit, PermitDomain, permit_digest, permit_typed_data_json
from codec.evm.typed_data import parse_typed_data

PERMIT = Permit(owner=b"\1" * 20, spender=b"\2" * 20, value=2**256 - 1, nonce=3, deadline=2**64)
DOMAIN = PermitDomain("Test CNY (no value)", "1", 31337, b"\3" * 20)


def test_type_hash_is_the_standards() -> None:
    """Source: ERC-2612 as OpenZeppelin, Uniswap and USDC deployed it."""
    assert PERMIT_TYPEHASH.hex() == "6e71edae12b1b97f4d1f60370fef10105fa2faae0126114a169c64845d6126c9"


def test_document_hashes_to_the_digest() -> None:
    document = permit_typed_data_json(PERMIT, DOMAIN)
    assert parse_typed_data(document).signing_hash() == permit_digest(PERMIT, DOMAIN)


def test_digest_depends_on_the_domain() -> None:
    others = [
        PermitDomain("Test USD (no value)", "1", 31337, b"\3" * 20),
        PermitDomain("Test CNY (no value)", "2", 31337, b"\3" * 20),
        PermitDomain("Test CNY (no value)", "1", 1, b"\3" * 20),
        PermitDomain("Test CNY (no value)", "1", 31337, b"\4" * 20),
    ]
    assert len({permit_digest(PERMIT, domain) for domain in [DOMAIN, *others]}) == 5
