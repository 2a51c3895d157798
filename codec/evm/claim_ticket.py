"""The ticket by which a holder claims a voucher, as EIP-712 typed data of the book.

The domain binds chain and contract, the voucher's id campaign and serial.
"""

from __future__ import annotations

import json

from codec.evm.redeem_order import DOMAIN_FIELDS, DOMAIN_NAME, DOMAIN_VERSION, fields
from primitives.account_id import checksum_address
from primitives.voucher_id import VoucherId

TICKET = "ClaimTicket"
TICKET_FIELDS = (("voucherId", "uint256"), ("holder", "address"), ("validBefore", "uint64"))
FIRST_TICKET = 2**47
"""Number of the first ticket's serial; the ones below are counted by the contract itself."""


def ticket_json(voucher: VoucherId, holder: bytes, valid_before: int, chain_id: int, book: bytes) -> bytes:
    """The document as UTF-8 JSON: the payload of `SigningScheme.EVM_TYPED_DATA`. Addresses have 20 bytes."""
    document = {
        "types": {"EIP712Domain": fields(DOMAIN_FIELDS), TICKET: fields(TICKET_FIELDS)},
        "primaryType": TICKET,
        "domain": {
            "name": DOMAIN_NAME,
            "version": DOMAIN_VERSION,
            "chainId": chain_id,
            "verifyingContract": checksum_address(book),
        },
        "message": {
            "voucherId": str(voucher.token_id),
            "holder": checksum_address(holder),
            "validBefore": str(valid_before),
        },
    }
    return json.dumps(document, separators=(",", ":")).encode()
