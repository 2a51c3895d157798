"""Sending a token: what stands in the way is found, and said, before anybody signs.

Token-2022 mints and accounts may ask for a memo, keep a fee, be frozen or paused, forbid transfers or run a program on
them; what can be met is met (memo, fee), the rest is refused with its reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chains.ports import Notice
from chains.solana.node import Account, SolanaNode
from codec.solana.associated_token import associated_token_address, create_associated_token
from codec.solana.instruction import Instruction
from codec.solana.memo import memo
from codec.solana.programs import TOKEN_2022, TOKEN_PROGRAMS
from codec.solana.token import Mint, TokenAccount, transfer
from codec.solana.token_extensions import (
    ExtensionType,
    TransferFee,
    parse_extensions,
    parse_transfer_fee,
    transfer_with_fee,
)
from primitives.account_id import AccountId
from primitives.asset import Amount, Asset, AssetId
from primitives.errors import (
    AssetMismatch,
    InsufficientFunds,
    InvalidAddress,
    InvalidValue,
    TransactionReverted,
    UnknownAsset,
)

_MEMO = b"transfer"


@dataclass(frozen=True, slots=True)
class TokenTransferPlan:
    """`notices`: what the payer should accept before signing."""

    instructions: tuple[Instruction, ...]
    notices: tuple[Notice, ...] = ()


def read_mint(asset: AssetId, account: Account | None) -> tuple[Mint, bytes]:
    """The mint behind an asset, and its token program. Raises UnknownAsset when the account is no mint."""
    if account is not None and account.owner in TOKEN_PROGRAMS:
        try:
            return Mint.parse(account.data), account.owner
        except InvalidValue:
            pass
    raise UnknownAsset(f"there is no token at {asset.reference} on {asset.chain}", asset=str(asset))


def token_account(account: Account | None) -> TokenAccount | None:
    """None where there is no token account, or something else lies there."""
    if account is None or account.owner not in TOKEN_PROGRAMS:
        return None
    try:
        return TokenAccount.parse(account.data)
    except InvalidValue:
        return None


async def plan_token_transfer(
    node: SolanaNode, sender: AccountId, amount: Amount, recipient: AccountId
) -> TokenTransferPlan:
    """Raises UnknownAsset, AssetMismatch, InvalidAddress, InvalidValue, InsufficientFunds, TransactionReverted (with
    `reason`), NodeUnavailable."""
    asset = amount.asset
    if asset.id.namespace != "token":
        raise UnknownAsset(f"{asset.id} is no token of {asset.id.chain}", asset=str(asset.id))
    if amount.base_units >= 2**64:
        raise InvalidValue(f"{amount.base_units} base units: a Solana account holds at most 2^64-1")
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
    assert mint_account is not None
    extensions = parse_extensions(mint_account.data) if program == TOKEN_2022 else {}
    _require_transferable(asset, extensions)
    source = associated_token_address(sender.raw, mint_key, program)
    destination = associated_token_address(recipient.raw, mint_key, program)
    source_account, destination_account = await node.accounts([source, destination])
    held = _usable(source_account, asset, amount.base_units)
    _require_open(destination_account, recipient, program)
    fee = await _fee(node, extensions)
    steps: list[Instruction] = []
    if destination_account is None:
        steps.append(create_associated_token(sender.raw, recipient.raw, mint_key, program))
    if _wants_memo(destination_account):
        steps.append(memo(_MEMO, ()))
    kept = 0 if fee is None else fee.of(amount.base_units)
    moved = transfer(program, source, mint_key, destination, sender.raw, amount.base_units, mint.decimals)
    steps.append(moved if fee is None else transfer_with_fee(moved, kept))
    assert held >= amount.base_units
    return TokenTransferPlan(tuple(steps), _fee_notice(asset, amount, kept))


def _require_transferable(asset: Asset, extensions: Mapping[int, bytes]) -> None:
    reason = None
    if ExtensionType.NON_TRANSFERABLE in extensions:
        reason = "tokens of this mint cannot be transferred"
    elif extensions.get(ExtensionType.PAUSABLE, b"")[32:33] == b"\x01":
        reason = "the mint is paused"
    elif any(extensions.get(ExtensionType.TRANSFER_HOOK, b"")[32:64]):
        reason = "the mint runs a program of its own on each transfer, which we do not"
    if reason is not None:
        raise TransactionReverted(f"{asset.symbol} cannot be sent now: {reason}", reason=reason, asset=str(asset.id))


def _usable(account: Account | None, asset: Asset, needed: int) -> int:
    held = token_account(account)
    available = 0 if held is None else held.amount
    if available < needed:
        raise InsufficientFunds(
            f"{needed} base units of {asset.symbol} are needed, {available} are there",
            needed=needed,
            available=available,
            asset=str(asset.id),
        )
    assert held is not None
    if held.is_frozen:
        reason = "your account is frozen by the token's issuer"
        raise TransactionReverted(f"{asset.symbol} cannot be sent: {reason}", reason=reason, asset=str(asset.id))
    return available


def _require_open(account: Account | None, recipient: AccountId, program: bytes) -> None:
    if account is None:
        return
    held = token_account(account)
    if held is None or account.owner != program or held.owner != recipient.raw:
        raise InvalidAddress(
            f"the token account of {recipient.address} belongs to another program or owner", address=str(recipient)
        )
    if held.is_frozen:
        reason = "the recipient's account is frozen by the token's issuer"
        raise TransactionReverted(f"{recipient.address} cannot receive: {reason}", reason=reason)


def _wants_memo(account: Account | None) -> bool:
    if account is None or account.owner != TOKEN_2022:
        return False
    return parse_extensions(account.data).get(ExtensionType.MEMO_TRANSFER) == b"\x01"


async def _fee(node: SolanaNode, extensions: Mapping[int, bytes]) -> TransferFee | None:
    value = extensions.get(ExtensionType.TRANSFER_FEE_CONFIG)
    if value is None:
        return None
    epoch = int((await node.read("getEpochInfo", {"commitment": "confirmed"}))["epoch"])
    return parse_transfer_fee(value, epoch)


def _fee_notice(asset: Asset, amount: Amount, kept: int) -> tuple[Notice, ...]:
    if not kept:
        return ()
    arrives = Amount(amount.base_units - kept, asset)
    text = f"the token's issuer keeps {Amount(kept, asset)} of this transfer: {arrives} arrive"
    return (Notice("transfer_fee", text),)
