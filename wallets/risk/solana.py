"""Rules over Solana instructions and messages, told from their bytes alone.

Sources: SPL Token `SetAuthority`, `Approve`, `CloseAccount`; System program `Assign`, `AdvanceNonceAccount`,
`AuthorizeNonceAccount`; what they are called and hold is read by `codec.solana.decoding`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from codec.solana.decoding.dangers import DangerKind
from codec.solana.decoding.decode import PlainInstruction, explain_instruction
from codec.solana.instruction import Instruction
from codec.solana.message import decode_message
from codec.solana.programs import SYSTEM
from primitives.base58 import encode_base58
from wallets.risk.model import Finding

_UNLIMITED = 2**63
"""Half of what a token account can hold: asked for to never run out."""
_SWEEP = 3
_SYSTEM = encode_base58(SYSTEM)
_MOVES = frozenset(("transfer", "transferChecked", "transferCheckedWithFee"))


def message_findings(raw: bytes, own: Collection[str]) -> tuple[Finding, ...]:
    """Every rule over a serialized message.

    Args:
        own: Addresses of the signer, base58: what goes to them stays with the signer.

    Raises:
        InvalidValue: No message.
    """
    message = decode_message(raw)
    if message.lookups:
        return (
            Finding(
                "solana.hidden_accounts",
                30,
                "some accounts of this transaction stand in lookup tables, so that its bytes do not say who is paid: "
                "sign it only for a dApp that you trust",
                {"tables": [encode_base58(lookup.table) for lookup in message.lookups]},
                "hidden_accounts",
            ),
        )
    return instruction_findings(message.instructions, own)


def instruction_findings(instructions: Sequence[Instruction], own: Collection[str]) -> tuple[Finding, ...]:
    """Rules `solana.…` over the instructions of one transaction, in order."""
    read = [explain_instruction(one) for one in instructions]
    found = [finding for one in read if (finding := _finding(one, own)) is not None]
    sources = _swept(read, own)
    if len(sources) >= _SWEEP:
        found.append(
            Finding(
                "solana.sweep",
                60,
                f"this one transaction empties {len(sources)} of your token accounts to others: drainers work this way",
                {"sources": sorted(sources)},
                "sweep",
            )
        )
    return tuple(found)


def _finding(one: PlainInstruction, own: Collection[str]) -> Finding | None:
    if one.parsed is None:
        unknown = one.danger is not None and one.danger.kind is DangerKind.UNKNOWN_PROGRAM
        rule = "solana.unknown_program" if unknown else "solana.unreadable"
        return Finding(rule, 20, one.english, {"program": encode_base58(one.program)})
    facts = dict(one.parsed.facts)
    match one.parsed.program, one.parsed.kind:
        case "spl-token", "setAuthority":
            return _authority(one.english, facts, own)
        case "spl-token", "updateTokenMetadataAuthority" | "updateTokenGroupAuthority":
            return Finding("solana.authority", 60, one.english, facts, "authority_change")
        case "system", "assign" | "assignWithSeed" if facts["owner"] != _SYSTEM:
            text = f"{one.english}. This wallet can no longer move what is in it: refuse"
            return Finding("solana.assign", 100, text, facts, "account_reassigned")
        case "system", "advanceNonce":
            foreign = facts["nonceAuthority"] not in own
            text = f"{one.english}. Once signed it can be sent at any later time: ask for one with a blockhash"
            return Finding("solana.nonce", 60 if foreign else 30, text, facts, "never_expires")
        case "system", "authorizeNonce" if facts["newAuthorized"] not in own:
            return Finding("solana.nonce_authority", 80, one.english, facts, "authority_change")
        case "spl-token", "approve" | "approveChecked" if facts["delegate"] not in own:
            return _delegate(one.english, facts)
        case "spl-token", "closeAccount" if facts["destination"] not in own:
            return Finding("solana.close", 40, one.english, facts, "account_closed")
        case _:
            return None


def _authority(english: str, facts: dict[str, Any], own: Collection[str]) -> Finding | None:
    """To nobody or to oneself nothing is lost to others."""
    new = facts["newAuthority"]
    if new is None or new in own:
        return None
    if facts["authorityType"] == "accountOwner":
        text = f"{english}. All tokens in the account would belong to {new}: refuse"
        return Finding("solana.owner", 100, text, facts, "authority_change")
    return Finding("solana.authority", 60, english, facts, "authority_change")


def _delegate(english: str, facts: dict[str, Any]) -> Finding:
    told = facts.get("amount") or facts["tokenAmount"]["amount"]
    if int(told) >= _UNLIMITED:
        return Finding("solana.delegate", 60, f"{english}. It never runs out", facts, "unlimited_approval")
    return Finding("solana.delegate", 45, english, facts, "spending_allowed")


def _swept(read: Sequence[PlainInstruction], own: Collection[str]) -> set[str]:
    """Token accounts that the signer's authority pays out of, to somebody else."""
    found = set()
    for one in read:
        parsed = one.parsed
        if parsed is None or parsed.program != "spl-token" or parsed.kind not in _MOVES:
            continue
        facts = parsed.facts
        if facts.get("authority") in own and facts["destination"] not in own:
            found.add(str(facts["source"]))
    return found
