"""Schemas of keys that come in and go out, of SLIP-39 shares and of wallets that only watch."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, SecretStr, StringConstraints

from api.schemas.auth import Secret
from api.schemas.base import RequestBody, ResponseBody
from api.schemas.wallets import Label
from keystore.exports.forms import ExportForm
from keystore.exports.service import Exported, ExportRequest
from keystore.imports.key_text import KeyForm
from keystore.shares import SharePlan
from primitives.key_path import parse_key_path
from primitives.signing import Curve

PathText = Annotated[str, StringConstraints(max_length=1024)]
ShareText = Annotated[SecretStr, Field(min_length=1, max_length=1000)]
SharePassphrase = Annotated[SecretStr, Field(max_length=256)]
ExtendedText = Annotated[str, StringConstraints(min_length=100, max_length=120)]


class KeyImport(RequestBody):
    """A wallet of one key, or of one branch of a tree."""

    label: Label
    key: Annotated[SecretStr, Field(min_length=1, max_length=4096)] = Field(description="In the form named below")
    form: KeyForm
    curve: Curve | None = Field(
        default=None, description="Only of raw hexadecimal, which does not say it; secp256k1 by default"
    )


class KeystoreImport(RequestBody):
    """A wallet from a password-protected key file (version 3 or 1, scrypt or pbkdf2)."""

    label: Label
    file: Annotated[SecretStr, Field(min_length=2, max_length=65536)] = Field(description="The file's JSON text")
    password: Annotated[SecretStr, Field(max_length=1024)] = Field(description="Of the file")


class SharesImport(RequestBody):
    """A wallet from enough SLIP-39 shares."""

    label: Label
    shares: list[ShareText] = Field(min_length=1, max_length=256, description="In any order")
    passphrase: SharePassphrase = Field(
        default=SecretStr(""), description="Printable ASCII; another passphrase opens another wallet without an error"
    )


class SharesWalletCreate(RequestBody):
    """A new wallet whose backup is SLIP-39 shares."""

    label: Label
    strength: int = Field(default=128, description="128 (shares of 20 words) or 256 (33 words) bits", examples=[128])


class SharesProof(RequestBody):
    """Enough shares of this wallet, as proof of the backup."""

    shares: list[ShareText] = Field(min_length=1, max_length=256)
    passphrase: SharePassphrase = SecretStr("")


class WatchCreate(RequestBody):
    """A wallet that only watches."""

    label: Label
    extended_public_key: ExtendedText | None = Field(
        default=None, description="xpub, ypub, zpub, tpub, upub or vpub; without it addresses are added one by one"
    )


class ShareGroup(RequestBody):
    """One group of shares."""

    needed: int = Field(ge=1, le=16, description="How many of its shares open it", examples=[2])
    shares: int = Field(ge=1, le=16, description="How many it has", examples=[3])


class SharePlanBody(RequestBody):
    """Who gets how many shares."""

    groups_needed: int = Field(default=1, ge=1, le=16)
    groups: list[ShareGroup] = Field(min_length=1, max_length=16)
    passphrase: SharePassphrase = Field(default=SecretStr(""), description="Printable ASCII")

    def to_domain(self) -> SharePlan:
        return SharePlan(self.groups_needed, tuple((group.needed, group.shares) for group in self.groups))


class Export(RequestBody):
    """What shall leave, in which form; the keystore's passphrase is needed again."""

    passphrase: Secret
    form: ExportForm
    curve: Curve | None = Field(default=None, description="Of a key in hexadecimal of a wallet with several curves")
    path: PathText | None = Field(
        default=None, description="Of the key or branch in its wallet; none: the root", examples=["m/44'/60'/0'/0/0"]
    )
    file_password: Annotated[SecretStr, Field(max_length=1024)] = Field(
        default=SecretStr(""), description="For a key file, at least 8 characters"
    )
    shares: SharePlanBody | None = Field(default=None, description="For SLIP-39 shares")

    def to_domain(self) -> ExportRequest:
        """Raises InvalidDerivationPath, InvalidShares, InvalidValue."""
        curve = self.curve or (
            Curve.ED25519 if self.form in (ExportForm.SOLANA_BASE58, ExportForm.SOLANA_JSON) else Curve.SECP256K1
        )
        return ExportRequest(
            form=self.form,
            curve=self.curve,
            path=None if self.path is None else parse_key_path(self.path, curve),
            file_password=self.file_password.get_secret_value(),
            shares=None if self.shares is None else self.shares.to_domain(),
            share_passphrase="" if self.shares is None else self.shares.passphrase.get_secret_value(),
        )


class ExportRead(ResponseBody):
    """The secret, once: it is stored by no browser or proxy."""

    form: ExportForm
    text: str | None = Field(description="Words, key, file or extended key; null for shares")
    bip39_passphrase: str | None = Field(description="Of a mnemonic that has one; without it the words open others")
    groups: list[list[str]] = Field(description="Shares by group")

    @classmethod
    def of(cls, form: ExportForm, exported: Exported) -> Self:
        passphrase = exported.bip39_passphrase
        return cls(
            form=form,
            text=None if exported.text is None else exported.text.expose().decode(),
            bip39_passphrase=None if passphrase is None else passphrase.expose().decode(),
            groups=[[share.expose().decode() for share in group] for group in exported.groups],
        )


class ExtendedPublicKeyAsk(RequestBody):
    """Which branch to show the public half of."""

    path: PathText = Field(examples=["m/84'/0'/0'"])
    prefix: Annotated[str, StringConstraints(pattern="^[xyztuv]pub$")] = Field(
        default="xpub", description="Says which addresses are meant (SLIP-132)"
    )


class ExtendedPublicKeyRead(ResponseBody):
    """All addresses of a branch, for a wallet elsewhere that only watches."""

    extended_public_key: str
    path: str
