"""What somebody wants a chain to do, before fees, nonces and signatures; it can be stored and read back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from codec.solana.instruction import AccountMeta, Instruction
from primitives.account_id import AccountId
from primitives.asset import Amount, Asset, AssetId
from primitives.chain_id import ChainId
from primitives.errors import InvalidValue


@dataclass(frozen=True, slots=True)
class Transfer:
    """Move an amount of a native coin or a fungible token to a recipient."""

    amount: Amount
    recipient: AccountId


@dataclass(frozen=True, slots=True)
class ContractCall:
    """Call an EVM contract. `data` is ABI calldata, `value` is in wei.

    Attributes:
        least_gas: The transaction gets room for as much gas, whatever the node estimates: for calls that succeed with
            less as well, and then do less.
    """

    to: AccountId
    data: bytes
    value: int = 0
    least_gas: int = 0


@dataclass(frozen=True, slots=True)
class ProgramCall:
    """Run Solana instructions in one transaction, in this order.

    Attributes:
        lookup_tables: Tables (32 bytes each) from which the message may load accounts; none: it names them all.
    """

    instructions: tuple[Instruction, ...]
    lookup_tables: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class EndDelegation:
    """Give back the code that the sender's account has borrowed (EIP-7702)."""


Action = Transfer | ContractCall | ProgramCall | EndDelegation


@dataclass(frozen=True, slots=True)
class Intent:
    """One transaction's worth of will.

    Attributes:
        sender: Pays the fee and, on EVM, owns the nonce.
        action: What happens.
        cosigners: Further accounts whose signatures the transaction needs (Solana), in signing order: the redemption
            authority, which signs last, stands last.
        durable_nonce: Solana: number of the sender's durable nonce to use instead of a blockhash, for signers who may
            take longer than about a minute. None: a blockhash.
    """

    sender: AccountId
    action: Action
    cosigners: tuple[AccountId, ...] = ()
    durable_nonce: int | None = None

    @property
    def chain(self) -> ChainId:
        return self.sender.chain

    def to_json(self) -> dict[str, Any]:
        """A JSON object from which `from_json` makes an equal intent."""
        extra = {} if self.durable_nonce is None else {"durable_nonce": self.durable_nonce}
        return extra | {
            "sender": str(self.sender),
            "cosigners": [str(account) for account in self.cosigners],
            "action": _action_to_json(self.action),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Intent:
        return cls(
            sender=AccountId.parse(data["sender"]),
            cosigners=tuple(AccountId.parse(text) for text in data["cosigners"]),
            action=_action_from_json(data["action"]),
            durable_nonce=data.get("durable_nonce"),
        )


def amount_to_json(amount: Amount) -> dict[str, Any]:
    """The wire form of api.md: `base_units` as a decimal string."""
    return {
        "base_units": str(amount.base_units),
        "decimals": amount.asset.decimals,
        "asset": str(amount.asset.id),
        "symbol": amount.asset.symbol,
    }


def amount_from_json(data: Mapping[str, Any]) -> Amount:
    asset = Asset(AssetId.parse(data["asset"]), data["symbol"], data["decimals"])
    return Amount(int(data["base_units"]), asset)


def _action_to_json(action: Action) -> dict[str, Any]:
    match action:
        case Transfer(amount, recipient):
            return {"kind": "transfer", "amount": amount_to_json(amount), "recipient": str(recipient)}
        case ContractCall(to, data, value, least_gas):
            more = {"least_gas": least_gas} if least_gas else {}
            return more | {"kind": "contract_call", "to": str(to), "data": data.hex(), "value": str(value)}
        case EndDelegation():
            return {"kind": "end_delegation"}
        case ProgramCall(instructions, tables):
            # A key that is left out keeps the stored form, and so the hash, of calls without tables as it was.
            extra = {"lookup_tables": [table.hex() for table in tables]} if tables else {}
            return extra | {
                "kind": "program_call",
                "instructions": [
                    {
                        "program": instruction.program.hex(),
                        "accounts": [[m.key.hex(), m.is_signer, m.is_writable] for m in instruction.accounts],
                        "data": instruction.data.hex(),
                    }
                    for instruction in instructions
                ],
            }


def _action_from_json(data: Mapping[str, Any]) -> Action:
    match data["kind"]:
        case "transfer":
            return Transfer(amount_from_json(data["amount"]), AccountId.parse(data["recipient"]))
        case "contract_call":
            return ContractCall(
                AccountId.parse(data["to"]), bytes.fromhex(data["data"]), int(data["value"]), data.get("least_gas", 0)
            )
        case "end_delegation":
            return EndDelegation()
        case "program_call":
            return ProgramCall(
                tuple(
                    Instruction(
                        bytes.fromhex(item["program"]),
                        tuple(AccountMeta(bytes.fromhex(k), s, w) for k, s, w in item["accounts"]),
                        bytes.fromhex(item["data"]),
                    )
                    for item in data["instructions"]
                ),
                tuple(bytes.fromhex(table) for table in data.get("lookup_tables", ())),
            )
        case other:
            raise InvalidValue(f"unknown action {other!r} in a stored intent")
