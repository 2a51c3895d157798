"""From an act and its history to findings: which rules look at what. Pure, so that the simulator asks it as well."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from chains.intent import ContractCall, Intent, ProgramCall, Transfer
from chains.ports import Notice
from primitives.signing import SigningScheme
from wallets.risk.behaviour import History, behaviour_findings, recipient_findings
from wallets.risk.evm import authorization_findings, call_findings, document_findings, transaction_findings
from wallets.risk.model import Finding
from wallets.risk.solana import instruction_findings, message_findings

_OF_NOTICES = {
    "contract_recipient": ("recipient.contract", 20),
    "recipient_is_token": ("recipient.token_itself", 45),
    "spender_without_code": ("approval.to_person", 40),
    "balance_difference": ("simulation.differs", 50),
}
"""What the chain's simulation and the recipient's code have told, by the code of their notice."""


def intent_findings(
    intent: Intent, history: History, now: datetime, notices: Sequence[Notice] = ()
) -> tuple[Finding, ...]:
    """Everything about a payment that is about to be signed."""
    amount: int | None = None
    found: list[Finding] = []
    match intent.action:
        case Transfer() as transfer:
            amount = transfer.amount.base_units
            found += recipient_findings(intent.sender, transfer, history)
        case ContractCall() as call:
            found += call_findings(call)
        case ProgramCall(instructions, tables):
            found += instruction_findings(instructions, {intent.sender.address})
            if tables:
                text = "some accounts of this transaction stand in lookup tables"
                found.append(Finding("solana.hidden_accounts", 30, text, {"tables": [one.hex() for one in tables]}))
        case _:
            pass
    return (*found, *notice_findings(notices), *behaviour_findings(amount, history, now))


def notice_findings(notices: Sequence[Notice]) -> tuple[Finding, ...]:
    """Rules `recipient.contract`, `recipient.token_itself`, `approval.to_person` and `simulation.differs`."""
    found = []
    for one in notices:
        if one.code in _OF_NOTICES:
            rule, score = _OF_NOTICES[one.code]
            found.append(Finding(rule, score, one.message, {"notice": one.code}))
    return tuple(found)


def rules_of_notices(notices: Sequence[Notice]) -> tuple[Finding, ...]:
    """As `notice_findings`, and every other warning by its own code, without a score: another rule weighs it."""
    known = notice_findings(notices)
    others = [one for one in notices if one.code not in _OF_NOTICES]
    return (*known, *(Finding(f"warning.{one.code}", 0, one.message) for one in others))


def payload_findings(
    scheme: SigningScheme, payload: bytes, own: Collection[str], history: History, now: datetime
) -> tuple[Finding, ...]:
    """Everything about bytes that are signed without being a payment of ours. Raises InvalidValue: unreadable."""
    match scheme:
        case SigningScheme.EVM_TYPED_DATA:
            found = document_findings(payload, int(now.timestamp()))
        case SigningScheme.EVM_AUTHORIZATION:
            found = authorization_findings(payload)
        case SigningScheme.EVM_TRANSACTION:
            found = transaction_findings(payload)
        case SigningScheme.SOLANA_MESSAGE:
            found = message_findings(payload, own)
        case _:
            found = ()
    return (*found, *behaviour_findings(None, history, now))
