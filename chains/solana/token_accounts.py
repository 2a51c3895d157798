"""Intents about token accounts: wrapping SOL, closing what is empty, taking back an allowance."""

from __future__ import annotations

from chains.intent import Intent, ProgramCall
from chains.solana.node import SolanaNode
from chains.solana.token_transfer import read_mint, token_account
from codec.solana import system
from codec.solana.associated_token import associated_token_address, create_associated_token
from codec.solana.programs import NATIVE_MINT, TOKEN, TOKEN_2022
from codec.solana.token_control import close_account, revoke, sync_native
from codec.solana.token_extensions import ExtensionType, parse_extensions
from primitives.account_id import AccountId
from primitives.asset import AssetId
from primitives.base58 import encode_base58
from primitives.chain_id import ChainId
from primitives.errors import AmountNotPositive, InsufficientFunds, InvalidValue


def wrapped_sol(chain: ChainId) -> AssetId:
    """The token that stands for SOL, 9 decimals."""
    return AssetId.fungible(chain, encode_base58(NATIVE_MINT))


def wrap(account: AccountId, lamports: int) -> Intent:
    """SOL into as many units of wrapped SOL. Raises AmountNotPositive."""
    if lamports <= 0:
        raise AmountNotPositive("an amount to wrap must be above zero")
    held = associated_token_address(account.raw, NATIVE_MINT, TOKEN)
    return Intent(
        account,
        ProgramCall(
            (
                create_associated_token(account.raw, account.raw, NATIVE_MINT, TOKEN),
                system.transfer(account.raw, held, lamports),
                sync_native(TOKEN, held),
            )
        ),
    )


def unwrap(account: AccountId) -> Intent:
    """All wrapped SOL back into SOL, and the account's rent with it."""
    held = associated_token_address(account.raw, NATIVE_MINT, TOKEN)
    return Intent(account, ProgramCall((close_account(TOKEN, held, account.raw, account.raw),)))


async def close_empty(node: SolanaNode, account: AccountId, asset: AssetId) -> Intent:
    """Close the account's token account for this asset; its rent goes to the account.

    Raises:
        InsufficientFunds: There is no such account.
        InvalidValue: It still holds tokens, or withheld fees.
        UnknownAsset, NodeUnavailable
    """
    mint = AccountId(account.chain, asset.reference).raw
    _, program = read_mint(asset, await node.account(mint))
    address = associated_token_address(account.raw, mint, program)
    there = await node.account(address)
    held = token_account(there)
    if held is None or there is None:
        raise InsufficientFunds(f"{account.address} has no account for {asset.reference}", asset=str(asset))
    if held.amount and mint != NATIVE_MINT:
        raise InvalidValue(f"the account still holds {held.amount} base units: send them first", held=held.amount)
    extensions = parse_extensions(there.data) if program == TOKEN_2022 else {}
    if any(extensions.get(ExtensionType.TRANSFER_FEE_AMOUNT, b"")):
        raise InvalidValue("the account holds fees that its token's issuer has not collected yet: try again later")
    if held.close_authority not in (None, account.raw):
        raise InvalidValue("somebody else may close this account", closer=encode_base58(held.close_authority or b""))
    return Intent(account, ProgramCall((close_account(program, address, account.raw, account.raw),)))


async def take_back_allowance(node: SolanaNode, account: AccountId, asset: AssetId) -> Intent | None:
    """End whatever somebody else may spend from the account's token account; None when nobody may.

    Raises:
        UnknownAsset, NodeUnavailable
    """
    mint = AccountId(account.chain, asset.reference).raw
    _, program = read_mint(asset, await node.account(mint))
    address = associated_token_address(account.raw, mint, program)
    held = token_account(await node.account(address))
    if held is None or held.delegate is None:
        return None
    return Intent(account, ProgramCall((revoke(program, address, account.raw),)))
