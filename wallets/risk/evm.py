"""Rules over calls, documents and authorisations of EVM chains, told from their bytes alone.

Sources: ERC-20 `approve`, OpenZeppelin's `increaseAllowance`, ERC-721 and ERC-1155 `setApprovalForAll`, ERC-2612
`Permit`, Permit2 (`AllowanceTransfer`, `SignatureTransfer`), EIP-7702.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chains.intent import ContractCall
from codec.evm.tokens import PERMIT2, call
from codec.evm.transaction import SetCodeTransaction, decode_authorization, decode_unsigned
from codec.evm.typed_data import parse_typed_data
from primitives.account_id import AccountId, checksum_address
from primitives.chain_id import ChainId
from primitives.errors import InvalidValue
from wallets.risk.model import Finding

_UNLIMITED = 2**255
"""Allowances at or above half of the range are asked for to never run out."""
_UNLIMITED_PERMIT2 = 2**159
_LONG_SECONDS = 30 * 86_400
"""A permit that is good for longer will be forgotten before it ends."""
_NOBODY = "0x" + "00" * 20
_ALLOWANCES = (
    call("approve(address,uint256)", _NOBODY, 0)[:4],
    call("increaseAllowance(address,uint256)", _NOBODY, 0)[:4],
)
_OPERATOR = call("setApprovalForAll(address,bool)", _NOBODY, False)[:4]
_PERMIT2_APPROVE = call("approve(address,address,uint160,uint48)", _NOBODY, _NOBODY, 0, 0)[:4]
_PERMIT2_NAMES = ("PermitSingle", "PermitBatch", "PermitTransferFrom", "PermitBatchTransferFrom")
_PERMIT2_WITNESS = ("PermitWitnessTransferFrom", "PermitBatchWitnessTransferFrom")

UNLIMITED_APPROVAL = "unlimited_approval"
TOKEN_PERMIT = "token_permit"  # noqa: S105 - the name of a warning
DELEGATION = "delegation"


def call_findings(action: ContractCall) -> tuple[Finding, ...]:
    """Rules `approval.unlimited`, `approval.all` and `approval.permit2`."""
    selector, arguments = action.data[:4], action.data[4:]
    if len(arguments) < 64:
        return ()
    contract = action.to.address
    if selector == _PERMIT2_APPROVE and len(arguments) >= 128:
        token, taker, most = (arguments[at : at + 32] for at in (0, 32, 64))
        if _number(most) < _UNLIMITED_PERMIT2:
            return ()
        return (
            Finding(
                "approval.permit2",
                45,
                f"{_address(taker)} could take every token of {_address(token)} that this account holds, by "
                "Permit2: ask the dApp for an exact amount instead",
                {"token": _address(token), "spender": _address(taker), "amount": str(_number(most))},
                UNLIMITED_APPROVAL,
            ),
        )
    spender, amount = _address(arguments[:32]), _number(arguments[32:64])
    if selector in _ALLOWANCES and amount >= _UNLIMITED:
        return (
            Finding(
                "approval.unlimited",
                45,
                f"{spender} could take every {contract} token of this account, at any time: ask the dApp for "
                "an exact amount instead",
                {"token": contract, "spender": spender, "amount": str(amount)},
                UNLIMITED_APPROVAL,
            ),
        )
    if selector == _OPERATOR and amount:
        return (
            Finding(
                "approval.all",
                45,
                f"{spender} could move every token of {contract} that this account holds, at any time",
                {"token": contract, "operator": spender},
                UNLIMITED_APPROVAL,
            ),
        )
    return ()


def document_findings(document: bytes, now: int) -> tuple[Finding, ...]:
    """Rules `permit.token`, `permit.permit2` and `permit.unlimited` over an EIP-712 document.

    Args:
        now: Unix seconds; a permit's deadline is measured from here.

    Raises:
        InvalidValue: It is no such document.
    """
    data = parse_typed_data(document)
    if not data.primary_type.startswith("Permit"):
        return ()
    by_permit2 = data.primary_type in _PERMIT2_NAMES + _PERMIT2_WITNESS or data.verifying_contract == PERMIT2
    amount, deadline = _most(data.message), _deadline(data.message)
    unlimited = amount is not None and amount >= (_UNLIMITED_PERMIT2 if by_permit2 else _UNLIMITED)
    contract = None if data.verifying_contract is None else checksum_address(data.verifying_contract)
    evidence: dict[str, Any] = {
        "type": data.primary_type,
        "contract": contract,
        "spender": str(data.message.get("spender", "")) or None,
        "amount": None if amount is None else str(amount),
        "deadline": None if deadline is None else str(deadline),
    }
    findings = [
        Finding(
            "permit.permit2" if by_permit2 else "permit.token",
            30,
            f"this signature ({data.primary_type}) alone lets somebody take tokens of this account: look at spender, "
            "amount and deadline",
            evidence,
            TOKEN_PERMIT,
        )
    ]
    lasting = deadline is not None and deadline - now > _LONG_SECONDS
    if unlimited or lasting:
        why = "has no limit" if unlimited else "is good for more than a month"
        findings.append(
            Finding(
                "permit.unlimited",
                30,
                f"this permit {why}: ask the dApp for the amount of this one act, with a deadline of minutes",
                evidence,
            )
        )
    return tuple(findings)


def authorization_findings(payload: bytes) -> tuple[Finding, ...]:
    """Rule `delegation.code` over an EIP-7702 authorisation. Raises InvalidValue: it is none."""
    agreed = decode_authorization(payload)
    return _delegation(agreed.address, agreed.chain_id)


def transaction_findings(payload: bytes) -> tuple[Finding, ...]:
    """Rules `approval.…` and `delegation.code` over an unsigned transaction. Raises InvalidValue: it is none."""
    transaction = decode_unsigned(payload)
    found: list[Finding] = []
    if transaction.to is not None:
        to = AccountId.from_raw(ChainId.evm(transaction.chain_id), transaction.to)
        found += call_findings(ContractCall(to, transaction.data, transaction.value))
    if isinstance(transaction, SetCodeTransaction):
        for item in transaction.authorizations:
            found += _delegation(item.authorization.address, item.authorization.chain_id)
    return tuple(found)


def _delegation(code: bytes, chain_id: int) -> tuple[Finding, ...]:
    """Giving borrowed code back (the zero address) is no danger."""
    if not any(code):
        return ()
    where = "on every chain" if chain_id == 0 else f"on chain {chain_id}"
    return (
        Finding(
            "delegation.code",
            100,
            f"this account would run the code of {checksum_address(code)} {where} from now on, which can move "
            "everything that it holds: sweepers work this way. Refuse it",
            {"code": checksum_address(code), "chain_id": str(chain_id)},
            DELEGATION,
        ),
    )


def _most(message: Mapping[str, Any]) -> int | None:
    """The largest amount that a permit of either kind names; `allowed: true` (DAI) is without limit."""
    found: list[int] = []
    if message.get("allowed") is True:
        return _UNLIMITED
    for name in ("value", "amount"):
        if name in message:
            found.append(_integer(message[name]))
    for name in ("details", "permitted"):
        listed = message.get(name)
        for item in listed if isinstance(listed, list) else [listed]:
            if isinstance(item, Mapping) and "amount" in item:
                found.append(_integer(item["amount"]))
    return max(found, default=None)


def _deadline(message: Mapping[str, Any]) -> int | None:
    found = [_integer(message[name]) for name in ("deadline", "expiry", "sigDeadline") if name in message]
    listed = message.get("details")
    for item in listed if isinstance(listed, list) else [listed]:
        if isinstance(item, Mapping) and "expiration" in item:
            found.append(_integer(item["expiration"]))
    return max(found, default=None)


def _integer(value: Any) -> int:
    """Numbers of typed data come as JSON numbers, decimal or hexadecimal text."""
    try:
        return int(value, 0) if isinstance(value, str) else int(value)
    except (TypeError, ValueError) as error:
        raise InvalidValue("a number of the permit cannot be read") from error


def _number(word: bytes) -> int:
    return int.from_bytes(word, "big")


def _address(word: bytes) -> str:
    return checksum_address(word[12:32])
