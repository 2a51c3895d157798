"""Schemas of wallets, backup, accounts and holdings."""

from __future__ import annotations

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, SecretStr, StringConstraints

from api.schemas.amounts import ChainAmount
from api.schemas.auth import Secret
from api.schemas.base import Line, Moment, RequestBody, ResponseBody
from keystore.model import WalletKind, WalletRecord
from wallets.accounts.model import Account, Holding, Portfolio

_ACCOUNT = "eip155:31337:0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"

Language = Literal[
    "english",
    "chinese_simplified",
    "chinese_traditional",
    "czech",
    "french",
    "italian",
    "japanese",
    "korean",
    "portuguese",
    "spanish",
]
Label = Annotated[Line, Field(max_length=100, examples=["Home"])]
Bip39Passphrase = Annotated[SecretStr, Field(max_length=256)]
Word = Annotated[SecretStr, Field(min_length=1, max_length=64)]


class WalletCreate(RequestBody):
    """A new wallet from fresh entropy."""

    label: Label
    words: Literal[12, 15, 18, 21, 24] = Field(default=12, description="How many words the mnemonic has")
    language: Language = Field(default="english", description="Of the BIP-39 word list")
    bip39_passphrase: Bip39Passphrase = Field(
        default=SecretStr(""),
        description="Optional extra secret of BIP-39; without it the words alone are worth nothing",
    )


class WalletImport(RequestBody):
    """A wallet from words that the caller has."""

    label: Label
    mnemonic: Annotated[SecretStr, Field(min_length=1, max_length=1000)] = Field(
        description="BIP-39 words of any of the ten languages, separated by spaces"
    )
    bip39_passphrase: Bip39Passphrase = Field(default=SecretStr(""))


class WalletRead(ResponseBody):
    """A wallet; never its words."""

    id: UUID
    label: str = Field(examples=["Home"])
    kind: WalletKind
    words: int | None = Field(description="Of a mnemonic; null for other kinds", examples=[12])
    language: str | None = Field(description="Of a mnemonic; null for other kinds", examples=["english"])
    curve: str | None = Field(description="Of an imported key, its only one; null: every curve", examples=["secp256k1"])
    backup_confirmed: bool = Field(description="Whether the owner has proved to have the words")
    created_at: Moment

    @classmethod
    def of(cls, wallet: WalletRecord) -> Self:
        return cls(
            id=wallet.id,
            label=wallet.label,
            kind=wallet.kind,
            words=wallet.words,
            language=wallet.language,
            curve=wallet.curve,
            backup_confirmed=wallet.backup_confirmed,
            created_at=wallet.created_at,
        )


class Reveal(RequestBody):
    """The keystore's passphrase, again."""

    passphrase: Secret


class MnemonicRead(ResponseBody):
    """The words, once: write them down; they are not stored by any browser or proxy."""

    mnemonic: str = Field(description="Words separated by spaces (Japanese: ideographic spaces)")


class BackupChallenge(ResponseBody):
    """Which words to type."""

    positions: list[int] = Field(description="Counted from 1", examples=[[2, 5, 9, 12]])


class BackupAnswers(RequestBody):
    """The words at the positions of the last challenge."""

    words: dict[Annotated[int, Field(ge=1, le=24)], Word] = Field(
        description="Word by position",
        min_length=1,
        max_length=24,
        examples=[{"2": "…", "5": "…", "9": "…", "12": "…"}],
    )


class AccountCreate(RequestBody):
    """A new account of a wallet."""

    chain: Annotated[str, StringConstraints(min_length=3, max_length=60)] = Field(
        description="CAIP-2", examples=["eip155:31337"]
    )
    path: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = Field(
        default=None, description="BIP-32 path; by default the chain's next free one", examples=["m/44'/60'/0'/0/0"]
    )
    scheme: Annotated[str, StringConstraints(min_length=1, max_length=40)] | None = Field(
        default=None, description="See /wallets/schemes; by default the chain's first", examples=["ledger-live"]
    )
    label: Label | None = None


class AccountRead(ResponseBody):
    """An account on one chain."""

    id: UUID
    wallet_id: UUID
    chain: str = Field(description="CAIP-2", examples=["eip155:31337"])
    account: str = Field(description="CAIP-10", examples=[_ACCOUNT])
    address: str = Field(examples=["0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"])
    label: str = Field(examples=["Account 1"])
    path: str = Field(examples=["m/44'/60'/0'/0/0"])
    scheme: str = Field(description="Whose way of counting the path follows; see /wallets/schemes", examples=["bip44"])

    @classmethod
    def of(cls, account: Account) -> Self:
        return cls(
            id=account.id,
            wallet_id=account.wallet_id,
            chain=str(account.chain),
            account=str(account.account),
            address=account.account.address,
            label=account.label,
            path=account.path,
            scheme=account.scheme,
        )


class HoldingRead(ResponseBody):
    """What an account holds of one asset."""

    account: str = Field(description="CAIP-10", examples=[_ACCOUNT])
    label: str
    amount: ChainAmount

    @classmethod
    def of(cls, holding: Holding) -> Self:
        return cls(
            account=str(holding.account.account), label=holding.account.label, amount=ChainAmount.of(holding.amount)
        )


class PortfolioRead(ResponseBody):
    """All holdings, read from the chains now."""

    items: list[HoldingRead]
    unavailable: list[str] = Field(description="Chains (CAIP-2) whose node does not answer; their holdings are absent")

    @classmethod
    def of(cls, portfolio: Portfolio) -> Self:
        return cls(
            items=[HoldingRead.of(holding) for holding in portfolio.holdings],
            unavailable=[str(chain) for chain in portfolio.unavailable],
        )
