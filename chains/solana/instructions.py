"""From an intent to the instructions of its transaction, and what they take from the sender."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from chains.intent import Intent, ProgramCall, Transfer
from chains.ports import Notice
from chains.solana.node import Account, SolanaNode
from chains.solana.token_transfer import plan_token_transfer, read_mint, token_account
from codec.solana import system
from codec.solana.associated_token import is_on_curve, parse_create
from codec.solana.instruction import Instruction
from codec.solana.lookup_table import LookupTable
from codec.solana.programs import ADDRESS_LOOKUP_TABLE, TOKEN_2022, TOKEN_PROGRAMS
from codec.solana.token import ACCOUNT_LENGTH
from codec.solana.token_extensions import account_length, parse_extensions
from primitives.account_id import AccountId
from primitives.asset import Amount
from primitives.base58 import encode_base58
from primitives.chain_id import ChainId
from primitives.errors import (
    AmountNotPositive,
    InvalidAddress,
    InvalidValue,
    TransactionReverted,
    UnknownAsset,
)

__all__ = ["Plan", "plan", "read_mint", "read_tables", "require_own", "token_balance"]


@dataclass(frozen=True, slots=True)
class Plan:
    """Instructions without the compute budget, and the lamports that the sender spends on them besides the fee.

    Attributes:
        notices: What the payer should accept before signing.
        tables: Lookup tables that the message may use: addresses by table.
    """

    instructions: tuple[Instruction, ...]
    lamports: int
    notices: tuple[Notice, ...] = ()
    tables: Mapping[bytes, tuple[bytes, ...]] = field(default_factory=dict)


def require_own(chain: ChainId, account: AccountId) -> None:
    """Raises InvalidAddress for an account of another chain."""
    if account.chain != chain:
        raise InvalidAddress(f"{account} is not an account of {chain}", address=str(account))


async def plan(node: SolanaNode, chain: ChainId, intent: Intent) -> Plan:
    """Raises AmountNotPositive, InvalidAddress, InvalidValue, UnknownAsset, AssetMismatch, InsufficientFunds (tokens),
    TransactionReverted (a recipient left below rent exemption), NodeUnavailable."""
    for account in (intent.sender, *intent.cosigners):
        require_own(chain, account)
    notices: tuple[Notice, ...] = ()
    tables: Mapping[bytes, tuple[bytes, ...]] = {}
    match intent.action:
        case Transfer(amount, recipient):
            require_own(chain, recipient)
            if amount.asset.id.chain != chain:
                raise UnknownAsset(f"{amount.asset.id} is not of {chain}", asset=str(amount.asset.id))
            if amount.base_units == 0:
                raise AmountNotPositive("an amount to transfer must be above zero")
            if amount.asset.id.is_native:
                instructions = await _native_transfer(node, intent.sender, amount, recipient)
            else:
                _require_spendable(recipient, await node.account(recipient.raw))
                sending = await plan_token_transfer(node, intent.sender, amount, recipient)
                instructions, notices = sending.instructions, sending.notices
        case ProgramCall(given, wanted):
            instructions = given
            tables = await read_tables(node, wanted)
        case _:
            raise InvalidValue(f"Solana has no contract calls: {chain} runs program instructions")
    return Plan(instructions, await _lamports(node, intent.sender.raw, instructions), notices, tables)


async def read_tables(node: SolanaNode, tables: Sequence[bytes]) -> dict[bytes, tuple[bytes, ...]]:
    """What the chain's lookup tables hold. Raises InvalidAddress for a missing one, or one that is being closed."""
    found: dict[bytes, tuple[bytes, ...]] = {}
    for key, account in zip(tables, await node.accounts(tables), strict=True):
        try:
            table = LookupTable.parse(account.data if account and account.owner == ADDRESS_LOOKUP_TABLE else b"")
        except InvalidValue:
            table = None
        if table is None or not table.active:
            text = encode_base58(key)
            raise InvalidAddress(f"{text} is no lookup table in use: make one, or name another", address=text)
        found[key] = table.addresses
    return found


async def _native_transfer(
    node: SolanaNode, sender: AccountId, amount: Amount, recipient: AccountId
) -> tuple[Instruction, ...]:
    if amount.base_units >= 2**64:
        raise InvalidValue(f"{amount.base_units} lamports: a Solana account holds at most 2^64-1")
    account = await node.account(recipient.raw)
    _require_spendable(recipient, account)
    if account is not None and account.owner in TOKEN_PROGRAMS:
        raise InvalidAddress(
            f"{recipient.address} is a token account or mint, not a wallet: SOL sent there could not be spent",
            address=str(recipient),
        )
    (least,) = await node.rents([0])
    if account is None and amount.base_units < least:
        raise TransactionReverted(
            f"{recipient.address} is new and must receive at least {least} lamports to exist",
            reason="the recipient would be left below its rent exemption",
            minimum=least,
        )
    return (system.transfer(sender.raw, recipient.raw, amount.base_units),)


def token_balance(account: Account | None) -> int:
    """Base units in a token account; 0 when there is none."""
    held = token_account(account)
    return 0 if held is None else held.amount


def _require_spendable(recipient: AccountId, account: Account | None) -> None:
    """Nobody has a key for an address off the curve: what is sent there is lost, unless a program already uses it."""
    if account is None and not is_on_curve(recipient.raw):
        raise InvalidAddress(
            f"{recipient.address} is not the address of a key: nobody could spend what is sent there",
            address=str(recipient),
        )


async def _lamports(node: SolanaNode, sender: bytes, instructions: Sequence[Instruction]) -> int:
    """Transfers out of the sender, and the rent of token accounts that it pays for and that do not exist yet."""
    spent = 0
    created = []
    for instruction in instructions:
        if (moved := system.parse_transfer(instruction)) is not None and moved[0] == sender:
            spent += moved[2]
        if (creation := parse_create(instruction)) is not None and creation.payer == sender:
            created.append(creation)
    unique = list({item.account: item for item in created}.values())
    found = await node.accounts([item.account for item in unique] + [item.mint for item in unique])
    existing, mints = found[: len(unique)], found[len(unique) :]
    lengths = [
        account_length(parse_extensions(mint.data)) if mint is not None and mint.owner == TOKEN_2022 else ACCOUNT_LENGTH
        for account, mint in zip(existing, mints, strict=True)
        if account is None
    ]
    rent_of = dict(zip(sorted(set(lengths)), await node.rents(sorted(set(lengths))), strict=True))
    return spent + sum(rent_of[length] for length in lengths)
