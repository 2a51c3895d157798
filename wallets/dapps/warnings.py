"""What a call of a dApp hands over, for the person to accept before it is signed."""

from __future__ import annotations

from chains.intent import ContractCall
from chains.ports import Notice
from codec.evm.tokens import call

_UNLIMITED = 2**255
"""Allowances at or above half of the range are asked for to never run out."""
_NOBODY = "0x" + "00" * 20
_ALLOWANCES = (
    call("approve(address,uint256)", _NOBODY, 0)[:4],
    call("increaseAllowance(address,uint256)", _NOBODY, 0)[:4],
)
_OPERATOR = call("setApprovalForAll(address,bool)", _NOBODY, False)[:4]


def call_notices(action: ContractCall) -> tuple[Notice, ...]:
    """Told from the call's bytes alone."""
    selector, arguments = action.data[:4], action.data[4:]
    if len(arguments) < 64:
        return ()
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
