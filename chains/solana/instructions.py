"""From an intent to the instructions of its transaction, and what they take from the sender."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chains.intent import Intent, ProgramCall, Transfer
from chains.solana.node import Account, SolanaNode
from codec.solana import system, token
from codec.solana.associated_token import associated_token_address, create_associated_token, parse_create
from codec.solana.instruction import Instruction
from codec.solana.programs import TOKEN_2022, TOKEN_PROGRAMS
from codec.solana.token import ACCOUNT_LENGTH, Mint, TokenAccount
from codec.solana.token_extensions import account_length, parse_extensions
from primitives.account_id import AccountId
from primitives.asset import Amount, AssetId
from primitives.chain_id import ChainId
from primitives.errors import (
    AmountNotPositive,
    AssetMismatch,
    InsufficientFunds,
    InvalidAddress,
    InvalidValue,
    TransactionReverted,
    UnknownAsset,
)


@dataclass(frozen=True, slots=True)
class Plan:
    """Instructions without the compute budget, and the lamports that the sender spends on them besides the fee."""

    instructions: tuple[Instruction, ...]
    lamports: int


def require_own(chain: ChainId, account: AccountId) -> None:
    """Raises InvalidAddress for an account of another chain."""
    if account.chain != chain:
        raise InvalidAddress(f"{account} is not an account of {chain}", address=str(account))


def read_mint(asset: AssetId, account: Account | None) -> tuple[Mint, bytes]:
    """The mint behind an asset, and its token program. Raises UnknownAsset when the account is no mint."""
    if account is not None and account.owner in TOKEN_PROGRAMS:
        try:
            return Mint.parse(account.data), account.owner
        except InvalidValue:
            pass
    raise UnknownAsset(f"there is no token at {asset.reference} on {asset.chain}", asset=str(asset))


async def plan(node: SolanaNode, chain: ChainId, intent: Intent) -> Plan:
    """Raises AmountNotPositive, InvalidAddress, InvalidValue, UnknownAsset, AssetMismatch, InsufficientFunds (tokens),
    TransactionReverted (a recipient left below rent exemption), NodeUnavailable."""
    for account in (intent.sender, *intent.cosigners):
        require_own(chain, account)
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
                instructions = await _token_transfer(node, intent.sender, amount, recipient)
        case ProgramCall(given):
            instructions = given
        case _:
            raise InvalidValue(f"Solana has no contract calls: {chain} runs program instructions")
    return Plan(instructions, await _lamports(node, intent.sender.raw, instructions))


async def _native_transfer(
    node: SolanaNode, sender: AccountId, amount: Amount, recipient: AccountId
) -> tuple[Instruction, ...]:
    account = await node.account(recipient.raw)
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


async def _token_transfer(
    node: SolanaNode, sender: AccountId, amount: Amount, recipient: AccountId
) -> tuple[Instruction, ...]:
    asset = amount.asset
    if asset.id.namespace != "token":
        raise UnknownAsset(f"{asset.id} is no token of {asset.id.chain}", asset=str(asset.id))
    mint_key = AccountId(asset.id.chain, asset.id.reference).raw
    mint_account, recipient_account = await node.accounts([mint_key, recipient.raw])
    mint, program = read_mint(asset.id, mint_account)
    if mint.decimals != asset.decimals:
        raise AssetMismatch(
            f"{asset.symbol} has {mint.decimals} decimals on the chain, not {asset.decimals}", asset=str(asset.id)
        )
    if recipient_account is not None and recipient_account.owner in TOKEN_PROGRAMS:
        raise InvalidAddress(
            f"{recipient.address} is a token account or mint: name the wallet that owns it", address=str(recipient)
        )
    source = associated_token_address(sender.raw, mint_key, program)
    destination = associated_token_address(recipient.raw, mint_key, program)
    source_account, destination_account = await node.accounts([source, destination])
    held = token_balance(source_account)
    if held < amount.base_units:
        raise InsufficientFunds(
            f"{amount.base_units} base units of {asset.symbol} are needed, {held} are there",
            needed=amount.base_units,
            available=held,
            asset=str(asset.id),
        )
    creation = (
        (create_associated_token(sender.raw, recipient.raw, mint_key, program),) if destination_account is None else ()
    )
    move = token.transfer(program, source, mint_key, destination, sender.raw, amount.base_units, mint.decimals)
    return (*creation, move)


def token_balance(account: Account | None) -> int:
    """Base units in a token account; 0 when there is none."""
    if account is None or account.owner not in TOKEN_PROGRAMS:
        return 0
    try:
        return TokenAccount.parse(account.data).amount
    except InvalidValue:
        return 0


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
