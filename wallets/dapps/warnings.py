"""What a dApp's call or document hands over, for the person to accept before it is signed."""

from __future__ import annotations

from chains.intent import ContractCall
from chains.ports import Notice
from codec.evm.tokens import call
from codec.evm.typed_data import parse_typed_data

_UNLIMITED = 2**255
"""Allowances at or above half of the range are asked for to never run out."""
_UNLIMITED_PERMIT2 = 2**159
_NOBODY = "0x" + "00" * 20
_ALLOWANCES = (
    call("approve(address,uint256)", _NOBODY, 0)[:4],
    call("increaseAllowance(address,uint256)", _NOBODY, 0)[:4],
)
_OPERATOR = call("setApprovalForAll(address,bool)", _NOBODY, False)[:4]
_PERMIT2 = call("approve(address,address,uint160,uint48)", _NOBODY, _NOBODY, 0, 0)[:4]


def call_notices(action: ContractCall) -> tuple[Notice, ...]:
    """Told from the call's bytes alone."""
    selector, arguments = action.data[:4], action.data[4:]
    if len(arguments) < 64:
        return ()
    if selector == _PERMIT2 and len(arguments) >= 128:
        token, taker, most = (arguments[at : at + 32] for at in (0, 32, 64))
        if int.from_bytes(most, "big") < _UNLIMITED_PERMIT2:
            return ()
        return (
            Notice(
                "unlimited_approval",
                f"0x{taker[12:].hex()} could take every token of 0x{token[12:].hex()} that this account holds, by "
                "Permit2: ask the dApp for an exact amount instead",
            ),
        )
    spender, amount = "0x" + arguments[12:32].hex(), int.from_bytes(arguments[32:64], "big")
    if selector in _ALLOWANCES and amount >= _UNLIMITED:
        return (
            Notice(
                "unlimited_approval",
                f"{spender} could take every {action.to.address} token of this account, at any time: ask the dApp for "
                "an exact amount instead",
            ),
        )
    if selector == _OPERATOR and amount:
        return (
            Notice(
                "unlimited_approval",
                f"{spender} could move every token of {action.to.address} that this account holds, at any time",
            ),
        )
    return ()


def document_notices(document: bytes) -> tuple[Notice, ...]:
    """Of EIP-712 documents that allow spending: ERC-2612's `Permit` and Permit2's `PermitSingle`, `PermitBatch`,
    `Permit…TransferFrom`.

    Raises:
        InvalidValue: It is no such document.
    """
    primary = parse_typed_data(document).primary_type
    if not primary.startswith("Permit"):
        return ()
    return (
        Notice(
            "token_permit",
            f"this signature ({primary}) alone lets somebody take tokens of this account: look at spender, amount and "
            "deadline",
        ),
    )
